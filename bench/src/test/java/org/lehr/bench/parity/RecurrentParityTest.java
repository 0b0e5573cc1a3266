package org.lehr.bench.parity;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Functional;
import org.lehr.engine.nn.recurrent.Cell;
import org.lehr.engine.nn.recurrent.GruCell;
import org.lehr.engine.nn.recurrent.LstmCell;
import org.lehr.engine.nn.recurrent.RecurrentNetwork;
import org.lehr.engine.nn.recurrent.RnnCell;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// Two layers of recurrent cells beside libtorch's: outputs, and gradients to inputs, first states and all weights.
@NeedsPeer
class RecurrentParityTest {

    private static final int BATCH = 3;
    private static final int TIMES = 11;
    private static final int IN = 5;
    private static final int WIDTH = 7;
    private static final int LAYERS = 2;

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> cells() {
        add(
                new RnnCell(),
                (x, first, weights) -> torch.rnn_tanh(x, first[0], weights, true, LAYERS, 0, false, false, true)
                        .get0());
        add(
                new GruCell(),
                (x, first, weights) -> torch.gru(x, first[0], weights, true, LAYERS, 0, false, false, true)
                        .get0());
        add(
                new LstmCell(),
                (x, first, weights) -> torch.lstm(
                                x, new TensorVector(first), weights, true, LAYERS, 0, false, false, true)
                        .get0());
        return parity.tests();
    }

    @FunctionalInterface
    private interface Peer {
        org.bytedeco.pytorch.Tensor run(
                org.bytedeco.pytorch.Tensor x, org.bytedeco.pytorch.Tensor[] first, TensorVector weights);
    }

    /// Inputs are `x`, the first states `[layers, b, n]`, and the weights in the order of PyTorch.
    private void add(Cell cell, Peer peer) {
        int states = cell.memories();
        long rows = (long) cell.gates() * WIDTH;
        List<long[]> shapes = new ArrayList<>(List.of(new long[] {BATCH, TIMES, IN}));
        for (int i = 0; i < states; i++) {
            shapes.add(new long[] {LAYERS, BATCH, WIDTH});
        }
        for (int k = 0; k < LAYERS; k++) {
            shapes.add(new long[] {rows, k == 0 ? IN : WIDTH});
            shapes.add(new long[] {rows, WIDTH});
            shapes.add(new long[] {rows});
            shapes.add(new long[] {rows});
        }
        parity.add(
                cell.toString(),
                TIMES * WIDTH,
                x -> ours(cell, x),
                x -> peer.run(
                        x[0],
                        Arrays.copyOfRange(x, 1, 1 + states),
                        new TensorVector(Arrays.copyOfRange(x, 1 + states, x.length))),
                shapes.toArray(long[][]::new));
    }

    private static Tensor ours(Cell cell, Tensor... x) {
        RecurrentNetwork network =
                new RecurrentNetwork(cell, new RecurrentNetwork.Form(IN, WIDTH, LAYERS, 0), new RandomStream(1));
        Map<String, Tensor> weights = new LinkedHashMap<>();
        int next = 1 + cell.memories();
        for (String name : network.parameters().keySet()) {
            weights.put(name, x[next++]);
        }
        List<List<Tensor>> layers = new ArrayList<>();
        for (int k = 0; k < LAYERS; k++) {
            List<Tensor> memories = new ArrayList<>();
            for (int i = 0; i < cell.memories(); i++) {
                memories.add(x[1 + i].slice(0, k, k + 1).squeeze(0));
            }
            layers.add(memories);
        }
        RecurrentNetwork.State first = new RecurrentNetwork.State(layers);
        return Functional.call(network, weights, () -> network.run(x[0], first).y());
    }
}
