package org.lehr.engine.nn.hybrid;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.nn.SteppedDecoding;
import org.lehr.engine.nn.ssm.MixerForm;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Linear;

/// A language model whose blocks mix over time by a state, as Mamba does, or by causal attention, in a pattern, each
/// followed by a
/// feed-forward layer (Lieber et al. 2024). Attention needs no positions, for the blocks before it tell them apart;
/// the head is the embedding. `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`
public final class HybridLM extends SequenceLayer<List<HybridLM.Held<?>>> implements LanguageModel {

    private static final double DEVIATION = 0.02;

    private final HybridForm form;
    private final Embedding embedding;
    private final List<HybridBlock<?>> blocks = new ArrayList<>();
    private final RmsNorm norm;

    /// A block and what it knows of the past.
    ///
    /// @param <S> its state
    public record Held<S>(HybridBlock<S> block, S state) {

        static <S> Held<S> start(HybridBlock<S> block, long batch) {
            return new Held<>(block, block.start(batch));
        }

        Step<Held<?>> run(Tensor x) {
            Step<S> step = block.run(x, state);
            return new Step<>(step.y(), new Held<>(block, step.state()));
        }
    }

    public HybridLM(HybridForm form, RandomStream random) {
        this.form = form;
        long width = form.mixer().width();
        Initializer weight = Initializer.normal(DEVIATION);
        embedding = child(
                "backbone.embeddings", new Embedding(form.vocabulary(), width, weight, random.split("embeddings")));
        for (int i = 0; i < form.layers(); i++) {
            HybridBlock<?> block =
                    block(form, form.kinds().get(i), random.split("layers").split(i));
            blocks.add(child("backbone.layers." + i, block));
        }
        norm = child("backbone.norm_f", new RmsNorm(width, 1e-5));
    }

    private static HybridBlock<?> block(HybridForm form, HybridForm.Kind kind, RandomStream random) {
        int additions = form.layers() * (form.hidden() == 0 ? 1 : 2);
        Initializer weight = Initializer.normal(DEVIATION);
        Initializer output = Initializer.normal(DEVIATION / Math.sqrt(additions));
        long width = form.mixer().width();
        return switch (kind) {
            case STATE -> ofState(form.mixer(), form.hidden(), additions, output, random);
            case ATTENTION -> {
                CausalAttention.Form shape = CausalAttention.Form.of(width, form.heads(), form.keyHeads());
                yield new HybridBlock<>(
                        width,
                        form.hidden(),
                        output,
                        stream -> new CausalAttention(shape, weight, output, stream),
                        random);
            }
        };
    }

    private static <S> HybridBlock<S> ofState(
            MixerForm<S> mixer, long hidden, int additions, Initializer output, RandomStream random) {
        return new HybridBlock<>(mixer.width(), hidden, output, stream -> mixer.mixer(additions, stream), random);
    }

    @Override
    public List<Held<?>> start(long batch) {
        List<Held<?>> held = new ArrayList<>();
        for (HybridBlock<?> block : blocks) {
            held.add(Held.start(block, batch));
        }
        return List.copyOf(held);
    }

    @Override
    public Step<List<Held<?>>> run(Tensor tokens, List<Held<?>> before) {
        Tensor x = embedding.apply(tokens);
        List<Held<?>> after = new ArrayList<>();
        for (Held<?> held : before) {
            Step<Held<?>> step = held.run(x);
            x = step.y();
            after.add(step.state());
        }
        return new Step<>(head(x), List.copyOf(after));
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        Tensor x = embedding.apply(tokens);
        for (HybridBlock<?> block : blocks) {
            x = block.apply(x);
        }
        return head(x);
    }

    private Tensor head(Tensor x) {
        return Linear.linear(norm.apply(x), embedding.weight().value(), null);
    }

    @Override
    public Tensor logits(Tensor tokens) {
        if (tokens.rank() != 2) {
            throw new IllegalArgumentException("hybrid: tokens must be [b, t], got " + tokens.shape());
        }
        return apply(tokens);
    }

    @Override
    public Decoding decode(List<int[]> prompts) {
        return new SteppedDecoding<>(this, prompts);
    }

    @Override
    public long context() {
        return form.context();
    }

    @Override
    public long vocabulary() {
        return form.vocabulary();
    }

    @Override
    public Module module() {
        return this;
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
