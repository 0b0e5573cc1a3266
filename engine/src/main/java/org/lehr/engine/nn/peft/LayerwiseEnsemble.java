package org.lehr.engine.nn.peft;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;

/// A frozen backbone seen at several depths, each view joined with the features of a small model that learns the task
/// from nothing (LEVI; Roh et al. 2024). With the output `h_v` of stage `v` and the features `s` of the small model,
/// the logits are `Σ_v softmax(a)_v·(W_v·[h_v; s] + b_v)`. `x [..., in] → [..., classes]`
///
/// The backbone is frozen by the constructor and always runs as in use, not as in training, so that statistics in it
/// stay too. Names: `stages.I`, `task`, `heads.I`, `view_logits [views]` (`a`, at first 0: all views count alike).
public final class LayerwiseEnsemble extends Layer {

    private final List<View> views;
    private final List<Layer> stages;
    private final Layer task;
    private final List<Linear> heads;
    private final Parameter viewLogits;

    /// A stage of the backbone, whose output is a view; layers whose outputs are none go into one stage with the
    /// next.
    ///
    /// @param stage maps what the stage before gave, the first maps the input
    /// @param width the last extent of what it gives
    public record View(Layer stage, long width) {

        public View {
            if (stage == null || width < 1) {
                throw new IllegalArgumentException(
                        "layer-wise ensemble: a view needs a stage and a positive width, got " + stage + ", " + width);
            }
        }
    }

    /// @param views of the backbone, from the input on, at least one
    /// @param task the small model, `[..., in] → [..., features]`
    /// @param features how many the small model gives
    public LayerwiseEnsemble(List<View> views, Layer task, long features, long classes, RandomStream random) {
        if (views.isEmpty() || features < 1 || classes < 1) {
            throw new IllegalArgumentException("layer-wise ensemble: needs views, features and classes, got "
                    + views.size() + ", " + features + " and " + classes);
        }
        this.views = List.copyOf(views);
        stages = children("stages", views.stream().map(View::stage).toList());
        stages.forEach(stage -> Attachment.freeze(stage, true));
        this.task = child("task", task);
        heads = children(
                "heads",
                IntStream.range(0, views.size())
                        .mapToObj(v -> new Linear(
                                views.get(v).width() + features,
                                classes,
                                true,
                                random.split("heads").split(v)))
                        .toList());
        viewLogits = parameter("view_logits", Tensor.zeros(views.size()));
    }

    @Override
    protected Tensor forward(Tensor x) {
        Tensor own = task.apply(x);
        Tensor shares = shares();
        Tensor view = x;
        Tensor logits = null;
        for (int v = 0; v < stages.size(); v++) {
            stages.get(v).train(false);
            view = stages.get(v).apply(view);
            if (view.rank() == 0 || view.extent(view.rank() - 1) != views.get(v).width()) {
                throw new IllegalArgumentException("layer-wise ensemble: stage " + v + " should give [..., "
                        + views.get(v).width() + "], got " + view.shape());
            }
            Tensor part = heads.get(v)
                    .apply(Concat.concat(view.rank() - 1, view, own))
                    .mul(shares.slice(0, v, v + 1));
            logits = logits == null ? part : logits.add(part);
        }
        return logits;
    }

    /// How much each view counts. `→ [views]`, with a sum of one
    public Tensor shares() {
        return viewLogits.value().softmax(0);
    }
}
