package org.lehr.engine.nn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.TensorSource;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// Loading a module from files that others have written: what fits is loaded, the rest is reported.
///
/// Values are converted to the dtype of the parameter, one tensor at a time: bfloat16 and float16 files load into
/// float32 parameters without a second copy of the model in memory.
public final class Weights {

    private Weights() {}

    /// Loads what fits.
    ///
    /// @throws IllegalArgumentException when two tensors of the file claim the same place; nothing is loaded then
    public static LoadReport load(Module module, TensorSource source, WeightNames names) throws IOException {
        SequencedMap<String, Tensor> state = module.state();
        Map<String, String> places = places(source, names);
        List<String> loaded = new ArrayList<>();
        List<String> unexpected = new ArrayList<>();
        List<LoadReport.Misshaped> misshaped = new ArrayList<>();
        for (String name : source.names()) {
            String path = places.get(name);
            if (path == null) {
                continue;
            }
            Tensor own = state.get(path);
            if (own == null) {
                unexpected.add(name);
                continue;
            }
            try (var _ = Scope.open()) {
                Tensor stored = new Tensor(source.view(name), Device.cpu());
                Tensor value = stored.rank() == 2 && names.isTransposed(name) ? stored.transpose(0, 1) : stored;
                if (own.shape().equals(value.shape())) {
                    own.copyFrom(value);
                    loaded.add(path);
                } else {
                    misshaped.add(new LoadReport.Misshaped(path, own.shape(), value.shape()));
                }
            }
        }
        List<String> missing =
                state.keySet().stream().filter(path -> !loaded.contains(path)).toList();
        return new LoadReport(loaded, missing, unexpected, misshaped);
    }

    /// The place in the module for each name of the file that is not skipped.
    private static Map<String, String> places(TensorSource source, WeightNames names) {
        Map<String, String> places = new HashMap<>();
        Map<String, String> claimed = new HashMap<>();
        for (String name : source.names()) {
            if (!names.isSkipped(name)) {
                String path = names.inModule(name);
                String other = claimed.put(path, name);
                if (other != null) {
                    throw new IllegalArgumentException(
                            "load: " + other + " and " + name + " of the file both belong to " + path);
                }
                places.put(name, path);
            }
        }
        return places;
    }
}
