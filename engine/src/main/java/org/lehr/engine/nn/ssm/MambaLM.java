package org.lehr.engine.nn.ssm;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A language model of [MambaBlock]s whose head is its embedding, under the parameter names of the public
/// checkpoints. `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`.
///
/// @param <S> the state of each mixer
public final class MambaLM<S> extends SequenceLM<List<S>> {

    private static final double DEVIATION = 0.02;

    private final Form<S> form;
    private final Embedding embedding;
    private final List<MambaBlock<S>> blocks;
    private final RmsNorm norm;

    /// The sizes of a model.
    ///
    /// @param vocabulary number of tokens
    /// @param context tokens of a training sequence; longer ones are read too
    /// @param layers number of blocks
    /// @param mixer the shape of each
    /// @param <S> the state of each mixer
    public record Form<S>(long vocabulary, long context, int layers, MixerForm<S> mixer) {

        public Form {
            if (vocabulary < 1 || context < 1 || layers < 1) {
                throw new IllegalArgumentException("mamba: sizes must be positive, got vocabulary " + vocabulary
                        + ", context " + context + ", layers " + layers);
            }
        }
    }

    public MambaLM(Form<S> form, RandomStream random) {
        super("mamba", form.vocabulary(), form.context());
        this.form = form;
        embedding = child(
                "backbone.embeddings",
                new Embedding(
                        form.vocabulary(),
                        form.mixer().width(),
                        Initializer.normal(DEVIATION),
                        random.split("embeddings")));
        blocks = children(
                "backbone.layers",
                IntStream.range(0, form.layers())
                        .mapToObj(i -> new MambaBlock<>(
                                form.mixer(),
                                form.layers(),
                                random.split("layers").split(i)))
                        .toList());
        norm = child("backbone.norm_f", new RmsNorm(form.mixer().width(), 1e-5));
    }

    @Override
    public List<S> start(long batch) {
        return blocks.stream().map(block -> block.start(batch)).toList();
    }

    @Override
    public Step<List<S>> run(Tensor tokens, List<S> states) {
        Tensor x = embedding.apply(tokens);
        List<S> after = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            Step<S> step = blocks.get(i).run(x, states.get(i));
            x = step.y();
            after.add(step.state());
        }
        return new Step<>(head(x), List.copyOf(after));
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        Tensor x = embedding.apply(tokens);
        for (MambaBlock<S> block : blocks) {
            x = block.apply(x);
        }
        return head(x);
    }

    /// Logits of several texts that stand in each row one behind the other.
    @Override
    public Tensor packed(Tensor tokens, Tensor sequence) {
        requirePacked(tokens, sequence);
        Tensor x = embedding.apply(tokens);
        for (MambaBlock<S> block : blocks) {
            x = block.packed(x, sequence);
        }
        return head(x);
    }

    private Tensor head(Tensor x) {
        return embedding.scores(norm.apply(x));
    }

    @Override
    public double flopsPerToken() {
        // The head is a product although it is no further parameter. Backward passes take twice what forward ones do.
        return 6.0 * parameterCount() + 3.0 * form.layers() * form.mixer().recurrenceFlops();
    }
}
