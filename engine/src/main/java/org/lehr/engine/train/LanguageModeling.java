package org.lehr.engine.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.data.Cursor;
import org.lehr.engine.data.TextBatches;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.data.TokenStream;
import org.lehr.engine.data.ValidationBatches;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.kernels.memory.Scope;

/// Predicting every next token of a text: the mean cross-entropy in nats per token and, in training, the
/// auxiliary losses of the model.
public final class LanguageModeling implements Objective<TokenBatch> {

    private final LanguageModel model;
    private final TextBatches batches;
    private final int part;
    private final int parts;

    public LanguageModeling(LanguageModel model, TextBatches batches) {
        this(model, batches, 0, 1);
    }

    /// Takes one of equally many rows of each batch.
    ///
    /// @param part which, from 0
    /// @param parts in how many the batch is cut; a divisor of its rows
    public LanguageModeling(LanguageModel model, TextBatches batches, int part, int parts) {
        this.model = model;
        this.batches = batches;
        this.part = part;
        this.parts = parts;
    }

    @Override
    public TokenBatch next() {
        TokenBatch batch = batches.next();
        return parts == 1 ? batch : batch.part(part, parts);
    }

    @Override
    public Tensor loss(TokenBatch batch) {
        Prediction prediction = model.predict(inputs(batch));
        return prediction.total(loss(prediction.logits(), batch));
    }

    private static Tensor inputs(TokenBatch batch) {
        return Tensor.of(batch.inputs(), batch.batch(), batch.context());
    }

    private static Tensor loss(Tensor logits, TokenBatch batch) {
        return CrossEntropy.crossEntropy(logits, Tensor.of(batch.targets(), batch.tokens()));
    }

    /// The mean loss over all of `held out`, the model behaving as in use, in nats per token.
    public static double evaluate(LanguageModel model, ValidationBatches heldOut) {
        boolean training = model.module().isTraining();
        model.module().train(false);
        try {
            double sum = 0;
            for (int i = 0; i < heldOut.size(); i++) {
                TokenBatch batch = heldOut.get(i);
                try (var _ = Scope.open()) {
                    sum += Recording.off(() -> loss(model.logits(inputs(batch)), batch))
                                    .item()
                            * batch.tokens();
                }
            }
            return sum / heldOut.tokens();
        } finally {
            model.module().train(training);
        }
    }

    /// Bits per byte of `text` for a loss in nats per token.
    public static double bitsPerByte(double loss, TokenStream text) {
        return loss / Math.log(2) * text.size() / text.bytes();
    }

    @Override
    public long items(TokenBatch batch) {
        return batch.tokens();
    }

    @Override
    public SequencedMap<String, Long> place() {
        SequencedMap<String, Long> place = new LinkedHashMap<>();
        place.put("epoch", batches.cursor().epoch());
        place.put("position", batches.cursor().position());
        return place;
    }

    @Override
    public void restore(Map<String, Long> place) {
        batches.seek(new Cursor(place.get("epoch"), place.get("position")));
    }
}
