package org.lehr.engine.nn.moe;

import java.util.List;
import org.lehr.engine.nn.AuxiliaryLoss;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

/// A feed-forward layer of which each token uses a part: the weighted sum of the experts that the router chose, each
/// working on its tokens alone. Names as in Mixtral and DeepSeek: `gate`, `experts`, `shared_experts`,
/// `shared_expert_gate`.
/// `x [b, t, n] → [b, t, n]`
public final class MixtureOfExperts extends Layer {

    /// What a layer is made of.
    ///
    /// @param experts the shape of an expert
    /// @param capacity how many tokens an expert takes at most; null for all that come
    /// @param dense what all tokens pass besides the experts; null for nothing
    /// @param bank makes the experts
    public record Form(Experts.Form experts, Capacity capacity, DensePath dense, ExpertBank.Factory bank) {

        /// With all experts here.
        public Form(Experts.Form experts, Capacity capacity, DensePath dense) {
            this(experts, capacity, dense, Experts::new);
        }

        /// Experts alone, which take every token that comes.
        public static Form dropless(Experts.Form experts) {
            return new Form(experts, null, null);
        }

        /// With experts elsewhere.
        public Form with(ExpertBank.Factory other) {
            return new Form(experts, capacity, dense, other);
        }
    }

    /// What a layer made of a batch.
    ///
    /// @param y `[b, t, n]`
    /// @param routing where the tokens went, those that found no place taken out
    /// @param losses the layer's losses, in training only
    public record Mixed(Tensor y, Routing routing, List<AuxiliaryLoss> losses) {}

    private final Form form;
    private final Router router;
    private final ExpertBank experts;
    private final Mlp dense;
    private final Linear denseMap;
    private final List<RoutingLoss.Term> losses;

    /// @param losses what is to be small in training besides the loss of the task
    /// @param weight how the weights begin
    /// @param output how those of the last maps begin
    public MixtureOfExperts(
            Form form,
            Router router,
            List<RoutingLoss.Term> losses,
            Initializer weight,
            Initializer output,
            RandomStream random) {
        this.form = form;
        this.losses = List.copyOf(losses);
        this.router = child("gate", router);
        experts = child(
                "experts", form.bank.make(router.experts(), form.experts, weight, output, random.split("experts")));
        dense = form.dense == null
                ? null
                : child("shared_experts", dense(form, weight, output, random.split("shared_experts")));
        denseMap = form.dense == null || form.dense.join().outputs() == 0
                ? null
                : child("shared_expert_gate", map(form, weight, random.split("shared_expert_gate")));
    }

    private static Mlp dense(Form form, Initializer weight, Initializer output, RandomStream random) {
        Experts.Form like = form.experts;
        Mlp.Form dense = new Mlp.Form(form.dense.hidden(), like.activation(), like.gated(), false);
        return new Mlp(like.width(), dense, Mlp.Names.LLAMA, weight, output, random);
    }

    private static Linear map(Form form, Initializer weight, RandomStream random) {
        return new Linear(form.experts.width(), form.dense.join().outputs(), null, weight, random);
    }

    public Router router() {
        return router;
    }

    /// Trained values that a token does not use on average.
    public double idleParameters() {
        return experts.parameterCount() * (1 - router.expertsPerToken() / router.experts());
    }

    /// The result without the losses, for what the router can route by the vectors alone.
    @Override
    protected Tensor forward(Tensor x) {
        return mix(RouterInput.of(x)).y().reshape(x.shape().toArray());
    }

    /// The result, and what was found on the way.
    public Mixed mix(RouterInput input) {
        Tensor x = input.x();
        if (x.extent(-1) != form.experts.width()) {
            throw new ShapeMismatchException(
                    "mixture of experts: x must be [b, t, n=" + form.experts.width() + "], got " + x.shape());
        }
        Routing chosen = router.route(input);
        Routing routing = form.capacity == null ? chosen : form.capacity.limit(chosen);
        Dispatch dispatch = Dispatch.of(routing);
        Tensor rows = dispatch.gather(x.reshape(routing.tokens(), x.extent(-1)));
        Tensor mixed = dispatch.combine(experts.apply(rows, dispatch.offsets()), routing.weights())
                .reshape(x.shape().toArray());
        List<AuxiliaryLoss> found = isTraining()
                ? losses.stream()
                        .map(term -> new AuxiliaryLoss(
                                term.name(), term.coefficient(), term.loss().of(chosen)))
                        .toList()
                : List.of();
        return new Mixed(dense == null ? mixed : join(x, mixed), routing, found);
    }

    private Tensor join(Tensor x, Tensor mixed) {
        return form.dense.join().of(mixed, dense.apply(x), denseMap == null ? null : denseMap.apply(x));
    }
}
