package org.lehr.engine.nn.moe;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Predicate;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// The choices of routers, call by call: recorded once, looked at, compared, and made again.
public final class RoutingTrace {

    /// One call of a router.
    ///
    /// @param shape `[b, t, s]`
    /// @param indices the expert of each slot, −1 for none
    public record Choice(Shape shape, long... indices) {}

    private final SequencedMap<String, List<Choice>> choices = new LinkedHashMap<>();

    /// A trace of nothing yet.
    public RoutingTrace() {}

    /// Records what the routers of `model` choose from now on, until the result is removed.
    public GradientHook record(Module model) {
        return record(model, router -> true);
    }

    /// As [#record], of calls in training only.
    public GradientHook recordTraining(Module model) {
        return record(model, Router::isTraining);
    }

    private GradientHook record(Module model, Predicate<Router> when) {
        return hooks(
                model,
                (path, router) -> router.onSelection(indices -> {
                    if (when.test(router)) {
                        add(path, new Choice(indices.shape(), indices.toLongArray()));
                    }
                    return indices;
                }));
    }

    void add(String path, Choice choice) {
        choices.computeIfAbsent(path, _ -> new ArrayList<>()).add(choice);
    }

    /// Makes the routers of `model` choose as they were recorded, from the first call on, until the result is
    /// removed.
    ///
    /// @throws IllegalArgumentException when the model has a router that was not recorded
    public GradientHook replay(Module model) {
        return hooks(model, (path, router) -> {
            List<Choice> mine = choices.get(path);
            if (mine == null) {
                throw new IllegalArgumentException(
                        "routing trace: nothing was recorded of '" + path + "', only of " + choices.keySet());
            }
            var rest = mine.iterator();
            return router.onSelection(indices -> {
                if (!rest.hasNext()) {
                    throw new IllegalStateException(
                            "routing trace: '" + path + "' was recorded " + mine.size() + " times and is called again");
                }
                Choice choice = rest.next();
                return Tensor.of(choice.indices, choice.shape.toArray());
            });
        });
    }

    /// A hook for one router.
    @FunctionalInterface
    private interface Hooking {
        GradientHook on(String path, Router router);
    }

    private static GradientHook hooks(Module model, Hooking hooking) {
        List<GradientHook> hooks = new ArrayList<>();
        model.modules().forEach((path, module) -> {
            if (module instanceof Router router) {
                hooks.add(hooking.on(path, router));
            }
        });
        return () -> hooks.forEach(GradientHook::close);
    }

    /// What was recorded, by the path of the router.
    public SequencedMap<String, List<Choice>> choices() {
        return choices;
    }

    /// The share of tokens whose set of experts differs between two traces of the same tokens: how far
    /// routing still moves between two states of a model.
    public static double fluctuation(RoutingTrace before, RoutingTrace after) {
        if (!before.choices.keySet().equals(after.choices.keySet())) {
            throw new IllegalArgumentException("fluctuation: traces of different routers: " + before.choices.keySet()
                    + " and " + after.choices.keySet());
        }
        long changed = 0;
        long tokens = 0;
        for (String path : before.choices.keySet()) {
            List<Choice> first = before.choices.get(path);
            List<Choice> second = after.choices.get(path);
            if (first.size() != second.size()) {
                throw new IllegalArgumentException("fluctuation: '" + path + "' was recorded " + first.size() + " and "
                        + second.size() + " times");
            }
            for (int i = 0; i < first.size(); i++) {
                changed += changed(first.get(i), second.get(i));
                tokens += first.get(i).shape.slice(0, 2).size();
            }
        }
        return (double) changed / Math.max(1, tokens);
    }

    private static long changed(Choice before, Choice after) {
        if (!before.shape.equals(after.shape)) {
            throw new ShapeMismatchException("fluctuation: choices of shapes " + before.shape + " and " + after.shape);
        }
        int slots = (int) before.shape.extent(2);
        long changed = 0;
        for (int from = 0; from < before.indices.length; from += slots) {
            changed += Arrays.equals(set(before, from, slots), set(after, from, slots)) ? 0 : 1;
        }
        return changed;
    }

    private static long[] set(Choice choice, int from, int slots) {
        long[] set = Arrays.copyOfRange(choice.indices, from, from + slots);
        Arrays.sort(set);
        return set;
    }
}
