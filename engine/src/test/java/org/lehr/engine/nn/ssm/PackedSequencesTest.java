package org.lehr.engine.nn.ssm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.DType;

/// Several sequences in a row give what each gives alone.
final class PackedSequencesTest {

    private static final RandomStream RANDOM = new RandomStream(61);

    /// Sequences of 3, 1 and 5 times, and of 2 and 7, some under numbers that were there before.
    private static final Tensor SEQUENCE =
            Tensor.of(new int[] {4, 4, 4, 7, 4, 4, 4, 4, 4, 0, 0, 1, 1, 1, 1, 1, 1, 1}, 2, 9);

    private static Stream<SequenceLayer<?>> layers() {
        Mamba2.Form second = new Mamba2.Form(6, 4, 4, 2, 3, 2, 4, Mamba2.Choices.defaults());
        Mamba3.Form third = new Mamba3.Form(6, 4, 2, 3, 1, 4, Mamba3.Choices.defaults());
        return Stream.of(
                new Mamba(new Mamba.Form(6, 3, 4, 2, 2), RANDOM),
                new Mamba2(second, RANDOM),
                new Mamba3(third, RANDOM),
                new MambaBlock<>(second, 1, RANDOM),
                new S4D(S4D.Form.of(6), RANDOM),
                new ShortConvolution(6, 4, RANDOM));
    }

    @TestFactory
    Stream<DynamicTest> eachSequenceIsReadFromItsBeginning() {
        return layers().map(layer -> DynamicTest.dynamicTest(layer.getClass().getSimpleName(), () -> {
            Tensor x = RANDOM.normal(DType.FLOAT32, 2, 9, 6);
            Tensor first = x.slice(0, 0, 1);
            Tensor second = x.slice(0, 1, 2);
            Tensor alone = Concat.concat(
                    0,
                    Concat.concat(
                            1,
                            layer.apply(first.slice(1, 0, 3)),
                            layer.apply(first.slice(1, 3, 4)),
                            layer.apply(first.slice(1, 4, 9))),
                    Concat.concat(1, layer.apply(second.slice(1, 0, 2)), layer.apply(second.slice(1, 2, 9))));
            assertArrayEquals(alone.toFloatArray(), layer.packed(x, SEQUENCE).toFloatArray(), 2e-5f);
            LayerGradient.check(layer, in -> layer.packed(in[0], SEQUENCE), LayerGradient.normal(2, 9, 6));
        }));
    }

    @Test
    void modelsReadPackedTexts() {
        MambaLM<Mamba2.State> model = new MambaLM<>(
                new MambaLM.Form<>(11, 9, 2, new Mamba2.Form(6, 4, 4, 2, 3, 1, 4, Mamba2.Choices.defaults())), RANDOM);
        Tensor tokens = RANDOM.integers(11, 2, 9);
        Tensor logits = model.packed(tokens, SEQUENCE);
        assertArrayEquals(
                model.logits(tokens.slice(1, 4, 9)).slice(0, 0, 1).toFloatArray(),
                logits.slice(0, 0, 1).slice(1, 4, 9).toFloatArray(),
                1e-5f);
    }

    @Test
    void anIndexMustFit() {
        Mamba layer = new Mamba(new Mamba.Form(6, 3, 4, 2, 2), RANDOM);
        Tensor x = Tensor.zeros(2, 9, 6);
        assertThrows(IllegalArgumentException.class, () -> layer.packed(x, SEQUENCE.slice(1, 0, 8)));
        assertThrows(IllegalArgumentException.class, () -> layer.packed(x, Tensor.zeros(2, 9)));
        assertThrows(IllegalArgumentException.class, () -> layer.packed(Tensor.zeros(9), SEQUENCE));
    }
}
