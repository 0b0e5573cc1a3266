package org.lehr.engine.optim;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.schedule.Schedule;

/// An optimizer in words: its name, options behind a colon, and wrappers before it, the outermost first: `adamw`,
/// `lion:beta1=0.95`, `lookahead:every=5+adam:state=block8`.
///
/// Options are the components of the [recipe][Recipe] or [wrapper][Wrapper], written with hyphens. Every optimizer
/// that is a chain also takes `state=full`, `bfloat16` or `block8`; see [StateFormat].
///
/// @param recipe what it says
/// @param format how moments are stored
public record OptimizerSpec(Recipe recipe, StateFormat format) {

    private static final Parts<Recipe> RECIPES = new Parts<>("optimizer", "recipe", Recipe.class);
    private static final Parts<Wrapper> WRAPPERS = new Parts<>("optimizer wrapper", "wrapper", Wrapper.class);

    /// The names of all optimizers, in the order of the alphabet.
    public static List<String> names() {
        return RECIPES.names();
    }

    /// The names of all wrappers, in the order of the alphabet.
    public static List<String> wrappers() {
        return WRAPPERS.names();
    }

    /// The options of an optimizer or wrapper with their defaults, such as `beta1=0.9, beta2=0.99`.
    public static String options(String name) {
        return WRAPPERS.names().contains(name) ? WRAPPERS.options(name) : RECIPES.options(name);
    }

    /// Reads a specification.
    ///
    /// @param given hyper-parameters by the names of components (`rate`, `weightDecay`), which are used where
    ///     the optimizer has them and the text says nothing else
    /// @throws IllegalArgumentException when it cannot be read, with what could have been written
    public static OptimizerSpec parse(String text, Map<String, Schedule> given) {
        // A plus sign before a letter: those of exponents stand before digits.
        String[] parts = text.strip().split("\\+(?=\\s*[A-Za-z])", -1);
        String last = parts[parts.length - 1];
        SortedMap<String, String> options = options(last, name(last));
        String state = options.remove("state");
        Recipe recipe = RECIPES.make(name(last), options, given);
        for (int i = parts.length - 2; i >= 0; i--) {
            recipe = WRAPPERS.make(name(parts[i]), options(parts[i], name(parts[i])), Map.of())
                    .around(recipe);
        }
        return new OptimizerSpec(recipe, format(state));
    }

    /// An optimizer at step 0.
    public Optimizer over(List<ParameterGroup> groups) {
        return recipe.over(groups, format);
    }

    private static String name(String part) {
        int colon = part.indexOf(':');
        return (colon < 0 ? part : part.substring(0, colon)).strip();
    }

    private static SortedMap<String, String> options(String part, String name) {
        SortedMap<String, String> options = new TreeMap<>();
        int colon = part.indexOf(':');
        if (colon >= 0) {
            for (String option : part.substring(colon + 1).split(",", -1)) {
                int equals = option.indexOf('=');
                if (equals <= 0) {
                    throw new IllegalArgumentException(
                            "optimizer " + name + ": options are written NAME=VALUE, got '" + option + "'");
                }
                options.put(
                        option.substring(0, equals).strip(),
                        option.substring(equals + 1).strip());
            }
        }
        return options;
    }

    private static StateFormat format(String name) {
        for (StateFormat format : StateFormat.values()) {
            if (format.name().equalsIgnoreCase(name == null ? "full" : name)) {
                return format;
            }
        }
        throw new IllegalArgumentException("optimizer: state must be full, bfloat16 or block8, got '" + name + "'");
    }
}
