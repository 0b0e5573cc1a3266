package org.lehr.engine.optim.wrapper;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Wrapper;

/// Leaves parameters as they are whose paths match an expression; the inner optimizer keeps nothing for them.
///
/// @param paths a regular expression for whole paths
public record Freeze(@Default(".*\\.bias") String paths) implements Wrapper {

    public Freeze {
        Pattern.compile(paths);
    }

    @Override
    public Recipe around(Recipe inner) {
        Pattern frozen = Pattern.compile(paths);
        return (groups, format) ->
                inner.over(groups.stream().map(group -> without(group, frozen)).toList(), format);
    }

    private static ParameterGroup without(ParameterGroup group, Pattern frozen) {
        SequencedMap<String, Parameter> kept = new LinkedHashMap<>(group.parameters());
        kept.keySet().removeIf(path -> frozen.matcher(path).matches());
        return new ParameterGroup(kept, group.rateFactor(), group.weightDecayFactor());
    }
}
