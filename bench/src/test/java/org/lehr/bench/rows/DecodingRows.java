package org.lehr.bench.rows;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lehr.bench.DecodingRow;
import org.lehr.bench.Row;
import org.lehr.bench.Rows;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.train.LanguageModels;
import org.lehr.engine.train.RunConfig;

/// A token of a Mamba model of the usual size, which costs the same after any number of others, and of a hybrid, which
/// grows by its one layer of attention in four, beside one of a transformer of the same depth and width that keeps its
/// keys and values; milliseconds, so that 1000 divided by them are tokens a second.
public final class DecodingRows implements Rows {

    private static final int VOCABULARY = 256;
    private static final int LAYERS = 4;
    private static final int WIDTH = 192;
    private static final int HEADS = 6;

    @Override
    public Stream<Row> rows() {
        return Stream.of("mamba", "hybrid")
                .flatMap(architecture -> IntStream.of(64, 512, 4096).mapToObj(context -> after(architecture, context)));
    }

    private static Row after(String architecture, int context) {
        return new DecodingRow(
                "decode/" + architecture + "/4x192/context" + context,
                context,
                context > 512,
                () -> model(architecture, context),
                () -> model("transformer", context),
                "our transformer");
    }

    private static LanguageModel model(String architecture, int context) {
        RunConfig.Model form = new RunConfig.Model(
                architecture,
                LAYERS,
                WIDTH,
                HEADS,
                HEADS,
                512,
                context + DecodingRow.TOKENS,
                0,
                RunConfig.Experts.DEFAULT);
        return LanguageModels.make(new RunConfig(1, "float32", null, form, null), VOCABULARY);
    }
}
