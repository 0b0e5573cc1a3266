package org.lehr.engine.optim.offload;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.ParameterGroup;

/// Cuts groups into runs of parameters, in their order, none of which has more numbers than is stated, but for a single
/// tensor that does.
final class Cut {

    private final long most;
    private final List<List<ParameterGroup>> done = new ArrayList<>();
    private List<ParameterGroup> open = new ArrayList<>();
    private long size;

    private Cut(long most) {
        this.most = most;
    }

    static List<List<ParameterGroup>> of(List<ParameterGroup> groups, long most) {
        Cut cut = new Cut(most);
        groups.forEach(cut::take);
        cut.end();
        return cut.done;
    }

    private void take(ParameterGroup group) {
        SequencedMap<String, Parameter> slice = new LinkedHashMap<>();
        for (Map.Entry<String, Parameter> one : group.parameters().entrySet()) {
            long more = one.getValue().own().size();
            if (size > 0 && size + more > most) {
                add(group, slice);
                end();
                slice = new LinkedHashMap<>();
            }
            slice.put(one.getKey(), one.getValue());
            size += more;
        }
        add(group, slice);
    }

    private void add(ParameterGroup group, SequencedMap<String, Parameter> slice) {
        if (!slice.isEmpty()) {
            open.add(new ParameterGroup(slice, group.rateFactor(), group.weightDecayFactor()));
        }
    }

    private void end() {
        if (!open.isEmpty()) {
            done.add(open);
        }
        open = new ArrayList<>();
        size = 0;
    }
}
