package org.lehr.bench.harness;

import java.util.List;
import java.util.Random;
import org.lehr.bench.DecodingRow;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.LanguageModel;

/// A model of a [DecodingRow] that continues the same prompt again and again.
///
/// @param prompt arbitrary tokens
record Continuation(LanguageModel model, int... prompt) {

    static Continuation of(DecodingRow row, boolean other) {
        LanguageModel model = (other ? row.other() : row.ours()).get();
        model.module().train(false);
        int vocabulary = Math.toIntExact(model.vocabulary());
        return new Continuation(
                model, new Random(1).ints(row.context(), 0, vocabulary).toArray());
    }

    /// Milliseconds per token of a turn.
    double turn() {
        Decoding decoding = model.decode(List.of(prompt));
        long began = System.nanoTime();
        for (int i = 0; i < DecodingRow.TOKENS; i++) {
            decoding.append(new int[] {prompt[i % prompt.length]});
        }
        return (System.nanoTime() - began) * 1e-6 / DecodingRow.TOKENS;
    }
}
