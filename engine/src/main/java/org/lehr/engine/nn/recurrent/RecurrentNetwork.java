package org.lehr.engine.nn.recurrent;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Linear;
import org.lehr.engine.tensor.op.Where;
import org.lehr.kernels.DType;

/// One or more layers of cells, each reading what the one below gives at the same time. `x [b, t, in] → [b, t, n]`
///
/// Parameters as in PyTorch, for layer `k`: `weight_ih_lk [g·n, in]`, `weight_hh_lk [g·n, n]`, `bias_ih_lk [g·n]`,
/// `bias_hh_lk [g·n]`. The inputs' maps are taken for all times at once.
public final class RecurrentNetwork extends SequenceLayer<RecurrentNetwork.State> {

    /// What every layer remembers.
    ///
    /// @param layers for each layer the arrays of its cell, `[b, n]`
    public record State(List<List<Tensor>> layers) {
        public State {
            layers = layers.stream().map(List::copyOf).toList();
        }

        /// The output of the top layer at the last time, `[b, n]`.
        public Tensor output() {
            return layers.getLast().getFirst();
        }

        /// The same as constants: gradients end here.
        public State detached() {
            return new State(layers.stream()
                    .map(layer -> layer.stream().map(Tensor::detach).toList())
                    .toList());
        }
    }

    /// The sizes of a network.
    ///
    /// @param in width of the input
    /// @param width n, of each layer
    /// @param layers how many there are, at least 1
    /// @param dropout probability of dropping a value between layers in training
    public record Form(long in, long width, int layers, double dropout) {
        public Form {
            if (in < 1 || width < 1 || layers < 1) {
                throw new IllegalArgumentException("recurrent network: needs positive sizes, got " + in + " → " + width
                        + " in " + layers + " layers");
            }
            if (!(dropout >= 0 && dropout < 1)) {
                throw new IllegalArgumentException(
                        "recurrent network: the probability of dropping must be in [0, 1), got " + dropout);
            }
        }

        /// One layer.
        public static Form of(long in, long width) {
            return new Form(in, width, 1, 0);
        }
    }

    /// The weights of one layer.
    private record Weights(Parameter input, Parameter recurrent, Parameter inputBias, Parameter recurrentBias) {}

    private final Cell cell;
    private final Form form;
    private final List<Weights> weights = new ArrayList<>();
    private final Dropout dropout;

    /// With PyTorch's default initial values.
    public RecurrentNetwork(Cell cell, Form form, RandomStream random) {
        this(cell, form, Initializer.uniform(1 / Math.sqrt(form.width)), random);
    }

    /// @param recurrent how the maps of hidden values begin, such as [Initializer#orthogonal] or
    /// [Initializer#lowRank]
    public RecurrentNetwork(Cell cell, Form form, Initializer recurrent, RandomStream random) {
        this.cell = cell;
        this.form = form;
        long rows = cell.gates() * form.width;
        Initializer usual = Initializer.uniform(1 / Math.sqrt(form.width));
        for (int k = 0; k < form.layers; k++) {
            RandomStream here = random.split("layer").split(k);
            long in = k == 0 ? form.in : form.width;
            weights.add(new Weights(
                    made("weight_ih_l" + k, usual, Shape.of(rows, in), here),
                    made("weight_hh_l" + k, recurrent, Shape.of(rows, form.width), here),
                    made("bias_ih_l" + k, usual, Shape.of(rows), here),
                    made("bias_hh_l" + k, usual, Shape.of(rows), here)));
        }
        dropout = child("dropout", new Dropout(form.dropout, random.split("dropout")));
    }

    private Parameter made(String name, Initializer initializer, Shape shape, RandomStream random) {
        return parameter(name, initializer.make(DType.FLOAT32, shape, random.split(name)));
    }

    @Override
    public State start(long batch) {
        Tensor like = weights.getFirst().input.value();
        List<List<Tensor>> layers = new ArrayList<>();
        for (int k = 0; k < form.layers; k++) {
            List<Tensor> memories = new ArrayList<>();
            for (int i = 0; i < cell.memories(); i++) {
                memories.add(Tensor.full(0, like.device(), like.dtype(), batch, form.width));
            }
            layers.add(memories);
        }
        return new State(layers);
    }

    @Override
    public Step<State> run(Tensor x, State state) {
        return run(x, state, null);
    }

    /// Reads sequences of unequal lengths: behind a sequence's end the output is zero and its state stays.
    ///
    /// @param lengths `[b]`, each from 0 to `t`
    public Step<State> run(Tensor x, State state, long... lengths) {
        check(x, state, lengths);
        List<List<Tensor>> after = new ArrayList<>();
        Tensor y = x;
        for (int k = 0; k < form.layers; k++) {
            Tensor input = k == 0 ? y : dropout.apply(y);
            List<Tensor> memories = state.layers.get(k);
            List<Tensor> outputs = new ArrayList<>();
            memories = layer(weights.get(k), input, memories, lengths, outputs);
            after.add(memories);
            y = outputs.isEmpty()
                    ? Tensor.full(0, x.device(), x.dtype(), x.extent(0), 0, form.width)
                    : Concat.stack(1, outputs.toArray(Tensor[]::new));
        }
        return new Step<>(y, new State(after));
    }

    /// One layer over all times: adds its outputs `[b, n]` to `outputs` and returns what it remembers at the end.
    private List<Tensor> layer(Weights w, Tensor x, List<Tensor> before, long[] lengths, List<Tensor> outputs) {
        Tensor inputs = Linear.linear(x, w.input.value(), w.inputBias.value());
        List<Tensor> memories = before;
        for (long t = 0; t < x.extent(1); t++) {
            Tensor input = inputs.slice(1, t, t + 1).squeeze(1);
            Tensor recurrent = Linear.linear(memories.getFirst(), w.recurrent.value(), w.recurrentBias.value());
            List<Tensor> next = cell.next(input, recurrent, memories);
            if (lengths == null) {
                memories = next;
                outputs.add(next.getFirst());
            } else {
                Tensor reading = reading(t, lengths);
                List<Tensor> last = memories;
                memories = IntStream.range(0, next.size())
                        .mapToObj(i -> Where.where(reading, next.get(i), last.get(i)))
                        .toList();
                outputs.add(next.getFirst().mul(reading.to(x.dtype())));
            }
        }
        return memories;
    }

    /// Which sequences have not ended at time `t`, bool `[b, 1]`.
    private static Tensor reading(long t, long... lengths) {
        boolean[] reading = new boolean[lengths.length];
        for (int b = 0; b < lengths.length; b++) {
            reading[b] = t < lengths[b];
        }
        return Tensor.of(reading, lengths.length, 1);
    }

    private void check(Tensor x, State state, long... lengths) {
        boolean fits = x.rank() == 3 && x.extent(2) == form.in && state.layers.size() == form.layers;
        fits = fits && state.output().shape().equals(Shape.of(x.extent(0), form.width));
        if (!fits) {
            throw new ShapeMismatchException("recurrent network: x must be [b, t, " + form.in + "] and the state "
                    + form.layers + " layers of [b, " + form.width + "], got " + x.shape() + " and "
                    + state.layers.size() + " layers of " + state.output().shape());
        }
        if (lengths != null
                && (lengths.length != x.extent(0) || Arrays.stream(lengths).anyMatch(n -> n < 0 || n > x.extent(1)))) {
            throw new ShapeMismatchException("recurrent network: for x " + x.shape() + " there must be " + x.extent(0)
                    + " lengths from 0 to " + x.extent(1) + ", got " + Arrays.toString(lengths));
        }
    }
}
