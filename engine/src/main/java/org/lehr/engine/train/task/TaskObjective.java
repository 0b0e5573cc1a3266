package org.lehr.engine.train.task;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.data.TokenBatch;
import org.lehr.engine.data.task.MemoryTask;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.Prediction;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.CrossEntropy;
import org.lehr.engine.train.Objective;
import org.lehr.kernels.memory.Scope;

/// The mean cross-entropy at the scored positions of a memory task, and the auxiliary losses of the model.
public final class TaskObjective implements Objective<TokenBatch> {

    /// Of the batches of a seed, those from here on are never trained on.
    private static final long HELD_OUT = 1L << 40;

    private final LanguageModel model;
    private final MemoryTask task;
    private final int rows;
    private final long seed;
    private long number;

    /// @param rows sequences of a batch
    public TaskObjective(LanguageModel model, MemoryTask task, int rows, long seed) {
        if (rows < 1) {
            throw new IllegalArgumentException("task: a batch needs at least one sequence, got " + rows);
        }
        if (model.vocabulary() < task.vocabulary()) {
            throw new IllegalArgumentException("task: needs a model of at least " + task.vocabulary()
                    + " tokens, got one of " + model.vocabulary());
        }
        this.model = model;
        this.task = task;
        this.rows = rows;
        this.seed = seed;
    }

    @Override
    public TokenBatch next() {
        return task.batch(rows, seed, number++);
    }

    @Override
    public Tensor loss(TokenBatch batch) {
        Prediction prediction = model.predict(inputs(batch));
        Tensor targets = Tensor.of(batch.targets(), batch.tokens());
        return prediction.total(CrossEntropy.crossEntropy(prediction.logits(), targets));
    }

    private static Tensor inputs(TokenBatch batch) {
        return Tensor.of(batch.inputs(), batch.batch(), batch.context());
    }

    /// The share of right answers in `batches` batches that were never trained on, the model behaving as in use.
    ///
    /// @param stretched how many times as long as in training
    public double accuracy(int stretched, int batches) {
        MemoryTask longer = stretched == 1 ? task : task.stretched(stretched);
        boolean training = model.module().isTraining();
        model.module().train(false);
        try {
            long right = 0;
            long all = 0;
            for (int i = 0; i < batches; i++) {
                TokenBatch batch = longer.batch(rows, seed, HELD_OUT + i);
                float[] logits = logits(batch);
                for (int place = 0; place < batch.tokens(); place++) {
                    int target = batch.targets()[place];
                    if (target != CrossEntropy.IGNORE) {
                        all++;
                        right += largest(logits, place) == target ? 1 : 0;
                    }
                }
            }
            return (double) right / all;
        } finally {
            model.module().train(training);
        }
    }

    private float[] logits(TokenBatch batch) {
        try (var _ = Scope.open()) {
            return Recording.off(() -> model.logits(inputs(batch))).toFloatArray();
        }
    }

    private int largest(float[] logits, int place) {
        int width = Math.toIntExact(model.vocabulary());
        int best = 0;
        for (int token = 1; token < width; token++) {
            if (logits[place * width + token] > logits[place * width + best]) {
                best = token;
            }
        }
        return best;
    }

    @Override
    public long items(TokenBatch batch) {
        return batch.tokens();
    }

    @Override
    public SequencedMap<String, Long> place() {
        SequencedMap<String, Long> place = new LinkedHashMap<>();
        place.put("batch", number);
        return place;
    }

    @Override
    public void restore(Map<String, Long> place) {
        number = place.get("batch");
    }
}
