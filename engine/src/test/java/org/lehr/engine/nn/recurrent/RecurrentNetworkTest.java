package org.lehr.engine.nn.recurrent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.nn.recurrent.RecurrentNetwork.Form;
import org.lehr.engine.nn.recurrent.RecurrentNetwork.State;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

final class RecurrentNetworkTest {

    private static final RandomStream RANDOM = new RandomStream(5);
    private static final List<Cell> CELLS =
            List.of(new RnnCell(), new RnnCell(true), new LeakyCell(0.3, false), new GruCell(), new LstmCell());

    private static RecurrentNetwork network(Cell cell) {
        return new RecurrentNetwork(cell, new Form(3, 4, 2, 0), RANDOM);
    }

    private static Stream<DynamicTest> each(Consumer<Cell> check) {
        return CELLS.stream().map(cell -> DynamicTest.dynamicTest(cell.toString(), () -> check.accept(cell)));
    }

    private static Tensor normal(long... extents) {
        return LayerGradient.normal(extents).to(DType.FLOAT32);
    }

    /// To inputs, weights and the first state, from outputs and the last state.
    @TestFactory
    Stream<DynamicTest> gradients() {
        return each(cell -> {
            RecurrentNetwork network = network(cell);
            Tensor first = LayerGradient.normal(2, 4).mul(0.5);
            LayerGradient.check(
                    network,
                    x -> {
                        State zero = network.start(2);
                        List<Tensor> lower = Stream.concat(
                                        Stream.of(x[1]),
                                        zero.layers().getFirst().stream().skip(1))
                                .toList();
                        Step<State> step = network.run(
                                x[0], new State(List.of(lower, zero.layers().getLast())), 3, 1);
                        return Concat.concat(
                                1,
                                step.y().reshape(2, 12),
                                step.state().layers().getFirst().getLast());
                    },
                    LayerGradient.normal(2, 3, 3),
                    first);
        });
    }

    @TestFactory
    Stream<DynamicTest> readingPieceByPieceIsReadingAtOnce() {
        return each(cell -> {
            RecurrentNetwork network = network(cell);
            Tensor x = normal(2, 7, 3);
            float[] whole = network.apply(x).toFloatArray();
            Step<State> head = network.run(x.slice(1, 0, 3), network.start(2));
            Step<State> nothing = network.run(x.slice(1, 3, 3), head.state());
            Step<State> tail = network.run(x.slice(1, 3, 7), nothing.state());
            assertEquals(0, nothing.y().extent(1));
            assertArrayEquals(whole, Concat.concat(1, head.y(), tail.y()).toFloatArray(), 1e-6f);
        });
    }

    @TestFactory
    Stream<DynamicTest> aSequenceInABatchIsTheSequenceAlone() {
        return each(cell -> {
            RecurrentNetwork network = network(cell);
            Tensor x = normal(3, 5, 3);
            Step<State> packed = network.run(x, network.start(3), 5, 2, 0);
            Step<State> alone = network.run(x.slice(0, 1, 2).slice(1, 0, 2), network.start(1));
            Tensor row = packed.y().slice(0, 1, 2);
            assertArrayEquals(alone.y().toFloatArray(), row.slice(1, 0, 2).toFloatArray(), 1e-6f);
            assertArrayEquals(new float[12], row.slice(1, 2, 5).toFloatArray(), 1e-7f);
            assertArrayEquals(
                    alone.state().output().toFloatArray(),
                    packed.state().output().slice(0, 1, 2).toFloatArray(),
                    1e-6f);
            assertArrayEquals(
                    new float[4], packed.state().output().slice(0, 2, 3).toFloatArray());
        });
    }

    @Test
    void leakyUnitsApproachWhatDrivesThem() {
        RecurrentNetwork network =
                new RecurrentNetwork(new LeakyCell(0.25, true), Form.of(1, 1), Initializer.constant(0), RANDOM);
        network.parameters().forEach((path, p) -> p.own().detach().fill(path.startsWith("weight_ih") ? 1 : 0));
        Tensor y = network.apply(Tensor.of(new float[] {2, 2, 0}, 1, 3, 1));
        assertArrayEquals(new float[] {0.5f, 0.875f, 0.65625f}, y.toFloatArray(), 1e-6f);
    }

    @Test
    void detachedStatesEndGradients() {
        RecurrentNetwork network = network(new LstmCell());
        State state = network.run(normal(1, 2, 3), network.start(1)).state();
        assertTrue(state.output().requiresGradient());
        assertTrue(state.detached().layers().stream().flatMap(List::stream).noneMatch(Tensor::requiresGradient));
    }

    @Test
    void badInputIsNamed() {
        RecurrentNetwork network = network(new GruCell());
        String wrong = assertThrows(ShapeMismatchException.class, () -> network.apply(normal(2, 5, 4)))
                .getMessage();
        assertTrue(wrong.contains("[2, 5, 4]") && wrong.contains("[b, t, 3]"), wrong);
        Tensor x = normal(2, 5, 3);
        assertThrows(ShapeMismatchException.class, () -> network.run(x, network.start(3)));
        assertThrows(ShapeMismatchException.class, () -> network.run(x, network.start(2), 5));
        assertThrows(ShapeMismatchException.class, () -> network.run(x, network.start(2), 5, 6));
        assertThrows(IllegalArgumentException.class, () -> new LeakyCell(0, false));
        assertThrows(IllegalArgumentException.class, () -> new Form(3, 0, 1, 0));
    }
}
