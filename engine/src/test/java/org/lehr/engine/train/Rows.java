package org.lehr.engine.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// An objective for tests: the mean square of what `model` makes of rows of fixed random numbers, in
/// order and in batches of `size` rows.
final class Rows implements Objective<Tensor> {

    private static final int ROWS = 24;

    private final Tensor numbers;
    private final UnaryOperator<Tensor> model;
    private final int size;
    private final String placeName;
    private long position;

    Rows(UnaryOperator<Tensor> model, int size) {
        this(model, size, "position");
    }

    Rows(UnaryOperator<Tensor> model, int size, String placeName) {
        this.numbers = new RandomStream(7).normal(DType.FLOAT32, ROWS, 3);
        this.model = model;
        this.size = size;
        this.placeName = placeName;
    }

    @Override
    public Tensor next() {
        long from = position % ROWS;
        position += size;
        return numbers.slice(0, from, from + size);
    }

    @Override
    public Tensor loss(Tensor batch) {
        return model.apply(batch).square().mean();
    }

    @Override
    public long items(Tensor batch) {
        return batch.extent(0);
    }

    @Override
    public SequencedMap<String, Long> place() {
        SequencedMap<String, Long> place = new LinkedHashMap<>();
        place.put(placeName, position);
        return place;
    }

    @Override
    public void restore(Map<String, Long> place) {
        position = place.get(placeName);
    }
}
