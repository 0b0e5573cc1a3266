package org.lehr.engine.nn.ssm;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Linear;

/// A language model of [MambaBlock]s whose head is its embedding, under the parameter names of the public
/// checkpoints. `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`.
public final class MambaLM extends SequenceLayer<List<Mamba.State>> implements LanguageModel {

    private static final double DEVIATION = 0.02;

    private final Form form;
    private final Embedding embedding;
    private final List<MambaBlock> blocks;
    private final RmsNorm norm;

    /// The sizes of a model.
    ///
    /// @param vocabulary number of tokens
    /// @param context tokens of a training sequence; longer ones are read too
    /// @param layers number of blocks
    /// @param mixer the shape of each
    public record Form(long vocabulary, long context, int layers, Mamba.Form mixer) {

        public Form {
            if (vocabulary < 1 || context < 1 || layers < 1) {
                throw new IllegalArgumentException("mamba: sizes must be positive, got vocabulary " + vocabulary
                        + ", context " + context + ", layers " + layers);
            }
        }
    }

    public MambaLM(Form form, RandomStream random) {
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
                        .mapToObj(i -> new MambaBlock(
                                form.mixer(),
                                form.layers(),
                                random.split("layers").split(i)))
                        .toList());
        norm = child("backbone.norm_f", new RmsNorm(form.mixer().width(), 1e-5));
    }

    @Override
    public List<Mamba.State> start(long batch) {
        return blocks.stream().map(block -> block.start(batch)).toList();
    }

    @Override
    public Step<List<Mamba.State>> run(Tensor tokens, List<Mamba.State> states) {
        Tensor x = embedding.apply(tokens);
        List<Mamba.State> after = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            Step<Mamba.State> step = blocks.get(i).run(x, states.get(i));
            x = step.y();
            after.add(step.state());
        }
        return new Step<>(head(x), List.copyOf(after));
    }

    @Override
    protected Tensor forward(Tensor tokens) {
        Tensor x = embedding.apply(tokens);
        for (MambaBlock block : blocks) {
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
            throw new IllegalArgumentException("mamba: tokens must be [b, t], got " + tokens.shape());
        }
        return apply(tokens);
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
        // The head is a product although it is no further parameter. A state costs five operations and an exponential.
        double scan =
                6.0 * form.layers() * form.mixer().channels() * form.mixer().states();
        return 6.0 * parameterCount() + 3 * scan;
    }
}
