package org.lehr.engine.nn.norm;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.Recording;

/// Statistics of batch normalisation for weights that no batch has seen, such as an average of weights (Izmailov et al.
/// 2018).
public final class BatchStatistics {

    private BatchStatistics() {}

    /// Measures the statistics of every [BatchNorm] in `model` anew, as plain means over the batches of `pass`.
    /// Meanwhile
    /// all other layers are as in use, and nothing is recorded; afterwards the mode of the model is what it was. A
    /// model
    /// without batch normalisation stays as it is.
    ///
    /// @param pass runs the model on data, in one or more batches
    /// @throws IllegalStateException naming a layer that the pass did not reach; its statistics are gone
    public static void refresh(Module model, Runnable pass) {
        SequencedMap<String, BatchNorm> norms = new LinkedHashMap<>();
        model.modules().forEach((path, module) -> {
            if (module instanceof BatchNorm norm) {
                norms.put(path, norm);
            }
        });
        if (norms.isEmpty()) {
            return;
        }
        boolean training = model.isTraining();
        model.train(false);
        try {
            norms.values().forEach(norm -> {
                norm.resetStatistics();
                norm.setCumulative(true);
                norm.train(true);
            });
            Recording.off(() -> {
                pass.run();
                return null;
            });
        } finally {
            norms.values().forEach(norm -> norm.setCumulative(false));
            model.train(training);
        }
        norms.forEach((path, norm) -> {
            if (norm.batches() == 0) {
                throw new IllegalStateException("batch statistics: the pass did not reach " + path);
            }
        });
    }
}
