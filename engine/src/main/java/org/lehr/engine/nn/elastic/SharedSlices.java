package org.lehr.engine.nn.elastic;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.GradientHook;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;

/// A small network whose weights are the first rows and columns of those of a large one of the same make, in some of
/// its
/// layers (POA; Zhang et al. 2024). What the small one learns lands in the large one, in these slices; the large one's
/// parameters are those to be optimised. For attention the first slices are the first heads, so both networks need the
/// same width of a head, and separate maps to queries, keys and values.
///
/// Running statistics are no weights and are not shared.
public final class SharedSlices {

    private final Map<String, Parameter> small;
    private final List<GradientHook> hooks = new ArrayList<>();

    private SharedSlices(Map<String, Parameter> small) {
        this.small = small;
    }

    /// Lets `small` use slices of `large`.
    ///
    /// @param place the path in the large network for each path in the small one; see [#spread]
    /// @throws IllegalArgumentException when a place does not exist or is smaller than what is to be cut from it
    public static SharedSlices attach(Module small, Module large, UnaryOperator<String> place) {
        Map<String, Parameter> there = large.parameters();
        SharedSlices slices = new SharedSlices(small.parameters());
        slices.small.forEach((path, parameter) -> requireFit(path, parameter, place.apply(path), there));
        slices.small.forEach((path, parameter) -> {
            Parameter source = there.get(place.apply(path));
            slices.hooks.add(
                    parameter.adapt(own -> leading(source.value(), own.shape().toArray())));
        });
        return slices;
    }

    private static void requireFit(String path, Parameter parameter, String place, Map<String, Parameter> there) {
        Parameter source = there.get(place);
        if (source == null) {
            throw new IllegalArgumentException(
                    "slices: the large network has no " + place + " for " + path + "; it has " + there.keySet());
        }
        Tensor own = parameter.own();
        boolean fits = own.rank() == source.own().rank();
        for (int i = 0; fits && i < own.rank(); i++) {
            fits = own.extent(i) <= source.own().extent(i);
        }
        if (!fits) {
            throw new IllegalArgumentException("slices: " + path + " of shape " + own.shape() + " cannot be cut from "
                    + place + " of shape " + source.own().shape());
        }
    }

    private static Tensor leading(Tensor x, long... extents) {
        Tensor part = x;
        for (int i = 0; i < extents.length; i++) {
            part = part.slice(i, 0, extents[i]);
        }
        return part;
    }

    /// The paths of `count` layers as evenly as possible among `among`: layer `i` is layer `⌊i·among/count⌋`.
    ///
    /// @param list the path of the list of layers, such as `model.layers`
    public static UnaryOperator<String> spread(String list, int count, int among) {
        if (count < 1 || count > among) {
            throw new IllegalArgumentException("slices: cannot spread " + count + " layers among " + among);
        }
        Pattern layer = Pattern.compile(Pattern.quote(list) + "\\.(\\d+)\\.(.*)");
        return path -> {
            Matcher match = layer.matcher(path);
            return match.matches()
                    ? list + "." + (long) Integer.parseInt(match.group(1)) * among / count + "." + match.group(2)
                    : path;
        };
    }

    /// Copies the present slices into the small network, which from now on stands alone.
    public void extract() {
        small.forEach((path, parameter) ->
                parameter.set(Recording.off(() -> parameter.value().detach())));
        hooks.forEach(GradientHook::close);
        hooks.clear();
    }
}
