package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;

final class SteppedDecodingTest {

    /// Counts tokens, and wastes a megabyte on each.
    private static final class Counter extends SequenceLayer<Counter.State> {

        private record State(List<Tensor> sums, Tensor none, int unused) {}

        @Override
        public State start(long batch) {
            return new State(List.of(Tensor.zeros(batch, 1)), null, 0);
        }

        @Override
        public Step<State> run(Tensor x, State state) {
            Tensor waste = Tensor.ones(1 << 18);
            Tensor sum = state.sums.getFirst().add(x.to(DType.FLOAT32).sum(true, 1));
            Tensor y = sum.unsqueeze(1).expand(1, x.extent(1), 1).mul(waste.slice(0, 0, 1));
            return new Step<>(y, new State(List.of(sum), null, 0));
        }
    }

    @Test
    void temporariesOfATokenAreReturned() {
        var decoding = new SteppedDecoding<>(new Counter(), List.of(new int[] {1, 2}, new int[] {5}));
        decoding.append(new int[] {3, 4});
        Pool.host().collect();
        long before = Pool.host().statistics().outstanding();
        for (int i = 0; i < 20; i++) {
            decoding.append(new int[] {1, 2});
        }
        assertTrue(Pool.host().statistics().outstanding() - before < 1 << 20);
        assertArrayEquals(new float[] {6 + 20}, decoding.scores()[0]);
        assertArrayEquals(new float[] {9 + 40}, decoding.scores()[1]);
    }

    @Test
    void stepsGiveWhatTheWholeGives() {
        var model = new MambaLM<>(new MambaLM.Form<>(11, 64, 2, Mamba.Form.of(12)), new RandomStream(3));
        model.train(false);
        int[] tokens = {1, 5, 2, 7, 10, 3, 3, 8};
        Decoding decoding = model.decode(List.of(new int[] {1, 5, 2}));
        for (int i = 3; i < tokens.length; i++) {
            decoding.append(new int[] {tokens[i]});
        }
        // A fork goes its own way.
        decoding.select(new int[] {0, 0});
        decoding.append(new int[] {4, 6});
        float[] whole = model.logits(Tensor.of(new int[] {1, 5, 2, 7, 10, 3, 3, 8, 6}, 1, 9))
                .slice(1, 8, 9)
                .toFloatArray();
        assertArrayEquals(whole, decoding.scores()[1], 1e-5f);
        assertEquals(2, decoding.scores().length);
    }

    @Test
    void statesOfOtherThingsAreRefused() {
        States.detach(null);
        String message = assertThrows(IllegalArgumentException.class, () -> States.detach(List.of("text")))
                .getMessage();
        assertEquals("state: must be made of tensors, records and lists, got a java.lang.String", message);
    }
}
