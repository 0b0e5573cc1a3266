package org.lehr.engine.nn.hybrid;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLM;
import org.lehr.engine.nn.ssm.MixerForm;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A language model whose blocks mix over time by a state, as Mamba does, or by causal attention, in a pattern, each
/// followed by a
/// feed-forward layer (Lieber et al. 2024). Attention needs no positions, for the blocks before it tell them apart;
/// the head is the embedding. `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`
///
/// @param <S> the state of a mixer
public final class HybridLM<S> extends SequenceLM<HybridLM.State<S>> {

    private static final double DEVIATION = 0.02;

    private final HybridForm<S> form;
    private final Embedding embedding;
    private final List<HybridBlock<S>> mixing = new ArrayList<>();
    private final List<HybridBlock<KeyValues>> attending = new ArrayList<>();
    private final RmsNorm norm;

    /// What a model knows of the past.
    ///
    /// @param mixers the state of each block that has one, in their order
    /// @param attention what each block of attention has seen, in their order
    public record State<S>(List<S> mixers, List<KeyValues> attention) {}

    public HybridLM(HybridForm<S> form, RandomStream random) {
        super("hybrid", form.vocabulary(), form.context());
        this.form = form;
        MixerForm<S> mixer = form.mixer();
        long width = mixer.width();
        int additions = form.layers() * (form.hidden() == 0 ? 1 : 2);
        Initializer weight = Initializer.normal(DEVIATION);
        Initializer output = Initializer.normal(DEVIATION / Math.sqrt(additions));
        embedding = child(
                "backbone.embeddings", new Embedding(form.vocabulary(), width, weight, random.split("embeddings")));
        for (int i = 0; i < form.layers(); i++) {
            String name = "backbone.layers." + i;
            RandomStream mine = random.split("layers").split(i);
            switch (form.kinds().get(i)) {
                case STATE ->
                    mixing.add(child(
                            name,
                            new HybridBlock<>(
                                    width, form.hidden(), output, stream -> mixer.mixer(additions, stream), mine)));
                case ATTENTION -> {
                    CausalAttention.Form shape = CausalAttention.Form.of(width, form.heads(), form.keyHeads());
                    attending.add(child(
                            name,
                            new HybridBlock<>(
                                    width,
                                    form.hidden(),
                                    output,
                                    stream -> new CausalAttention(shape, weight, output, stream),
                                    mine)));
                }
            }
        }
        norm = child("backbone.norm_f", new RmsNorm(width, 1e-5));
    }

    @Override
    public State<S> start(long batch) {
        return new State<>(
                mixing.stream().map(block -> block.start(batch)).toList(),
                attending.stream().map(block -> block.start(batch)).toList());
    }

    @Override
    public Step<State<S>> run(Tensor tokens, State<S> before) {
        List<S> mixers = new ArrayList<>();
        List<KeyValues> attention = new ArrayList<>();
        Tensor x = embedding.apply(tokens);
        for (HybridForm.Kind kind : form.kinds()) {
            x = switch (kind) {
                case STATE -> next(mixing, x, before.mixers, mixers);
                case ATTENTION -> next(attending, x, before.attention, attention);
            };
        }
        return new Step<>(head(x), new State<>(List.copyOf(mixers), List.copyOf(attention)));
    }

    /// Runs the block of these whose turn it is, and adds the state after it.
    private static <T> Tensor next(List<HybridBlock<T>> blocks, Tensor x, List<T> before, List<T> after) {
        int turn = after.size();
        Step<T> step = blocks.get(turn).run(x, before.get(turn));
        after.add(step.state());
        return step.y();
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        Iterator<HybridBlock<S>> ofState = mixing.iterator();
        Iterator<HybridBlock<KeyValues>> ofAttention = attending.iterator();
        Tensor x = embedding.apply(tokens);
        for (HybridForm.Kind kind : form.kinds()) {
            x = (kind == HybridForm.Kind.STATE ? ofState : ofAttention).next().apply(x);
        }
        return head(x);
    }

    private Tensor head(Tensor x) {
        return embedding.scores(norm.apply(x));
    }

    @Override
    public double flopsPerToken() {
        double attention = 6.0 * form.context() * form.mixer().width();
        double recurrence = 3 * form.mixer().recurrenceFlops();
        double mixing = form.kinds().stream()
                .mapToDouble(kind -> kind == HybridForm.Kind.ATTENTION ? attention : recurrence)
                .sum();
        return 6.0 * parameterCount() + mixing;
    }
}
