package org.lehr.engine.nn.hybrid;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.SequenceLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// A language model of [MemMambaBlock]s whose head is its embedding.
/// `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`
public final class MemMambaLM extends SequenceLM<List<MemMambaBlock.State>> {

    private final Form form;
    private final Embedding embedding;
    private final List<MemMambaBlock> blocks;
    private final RmsNorm norm;

    /// The sizes of a model.
    ///
    /// @param vocabulary number of tokens
    /// @param context tokens of a training sequence; longer ones are read too
    /// @param layers number of blocks
    /// @param block the shape of each
    public record Form(long vocabulary, long context, int layers, MemMambaForm block) {

        public Form {
            if (vocabulary < 1 || context < 1 || layers < 1) {
                throw new IllegalArgumentException("memmamba: sizes must be positive, got vocabulary " + vocabulary
                        + ", context " + context + ", layers " + layers);
            }
        }
    }

    public MemMambaLM(Form form, RandomStream random) {
        super("memmamba", form.vocabulary(), form.context());
        this.form = form;
        long width = form.block().mamba().width();
        embedding = child(
                "backbone.embeddings",
                new Embedding(form.vocabulary(), width, Initializer.normal(0.02), random.split("embeddings")));
        blocks = children(
                "backbone.layers",
                IntStream.range(0, form.layers())
                        .mapToObj(i -> new MemMambaBlock(
                                form.block(),
                                i,
                                form.layers(),
                                random.split("layers").split(i)))
                        .toList());
        norm = child("backbone.norm_f", new RmsNorm(width, 1e-5));
    }

    @Override
    public List<MemMambaBlock.State> start(long batch) {
        return blocks.stream().map(block -> block.start(batch)).toList();
    }

    @Override
    public Step<List<MemMambaBlock.State>> run(Tensor tokens, List<MemMambaBlock.State> before) {
        Tensor x = embedding.apply(tokens);
        List<MemMambaBlock.State> after = new ArrayList<>();
        List<List<MemoryPool>> pools = new ArrayList<>();
        for (int i = 0; i < blocks.size(); i++) {
            MemMambaBlock.Read read = blocks.get(i).run(x, before.get(i), pools);
            x = read.y();
            after.add(read.state());
            pools.add(read.pools());
        }
        Tensor logits = embedding.scores(norm.apply(x));
        return new Step<>(logits, List.copyOf(after));
    }

    @Override
    public double flopsPerToken() {
        MemMambaForm block = form.block();
        // Scores and values: two products of the width for each place, three times that with backward.
        double pool = 12.0 * block.places() * block.mamba().width();
        double recurrence = 3 * block.mamba().recurrenceFlops();
        return 6.0 * parameterCount() + form.layers() * (pool + recurrence);
    }
}
