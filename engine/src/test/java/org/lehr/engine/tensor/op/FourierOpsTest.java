package org.lehr.engine.tensor.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;

final class FourierOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of("fourier_transform", x -> FourierTransform.fourierTransform(x[0], 8), normal(2, 5, 3))
                        .edge(normal(0, 5, 3))
                        .edge(normal(2, 0, 3))
                        .edge(normal(1, 1, 1)),
                Sample.of(
                                "inverse_fourier_transform",
                                x -> InverseFourierTransform.inverseFourierTransform(x[0], 8, 7),
                                normal(2, 5, 3, 2))
                        .edge(normal(0, 5, 3, 2)),
                Sample.of(
                                "long convolution",
                                x -> LongConvolution.longConvolution(x[0], x[1]),
                                normal(2, 7, 3),
                                normalOf(3, 5, 3))
                        .edge(normal(1, 1, 1), normal(1, 1)),
                Sample.of(
                                "long convolution large",
                                x -> LongConvolution.longConvolution(x[0], x[1].mul(0.1)),
                                normal(3, 139, 67),
                                normalOf(3, 139, 67))
                        .large());
    }

    @Override
    public Stream<Refusal> refusals() {
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> FourierTransform.fourierTransform(normal(2, 9, 3), 8),
                        "fourier_transform",
                        "[2, 9, 3]"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> FourierTransform.fourierTransform(normal(2, 3, 3), 6),
                        "fourier transform",
                        "6"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> InverseFourierTransform.inverseFourierTransform(normal(2, 4, 3, 2), 8, 8),
                        "inverse_fourier_transform",
                        "[2, 4, 3, 2]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> LongConvolution.longConvolution(normal(2, 4, 3), normal(4, 2)),
                        "long convolution",
                        "[4, 2]"));
    }

    @Test
    void valuesAreThoseOfTheDefinition() {
        Tensor x = normal(1, 6, 3);
        Tensor spectrum = FourierTransform.fourierTransform(x, 16);
        double[] in = x.toDoubleArray();
        double[] out = spectrum.toDoubleArray();
        for (int k = 0; k <= 8; k++) {
            for (int c = 0; c < 3; c++) {
                double re = 0;
                double im = 0;
                for (int t = 0; t < 6; t++) {
                    re += in[t * 3 + c] * Math.cos(2 * Math.PI * k * t / 16);
                    im -= in[t * 3 + c] * Math.sin(2 * Math.PI * k * t / 16);
                }
                assertEquals(re, out[(k * 3 + c) * 2], 1e-12, "frequency " + k);
                assertEquals(im, out[(k * 3 + c) * 2 + 1], 1e-12, "frequency " + k);
            }
        }
        Tensor again = InverseFourierTransform.inverseFourierTransform(spectrum, 16, 6);
        for (int i = 0; i < in.length; i++) {
            assertEquals(in[i], again.toDoubleArray()[i], 1e-13);
        }
    }

    @Test
    void lengthsArePowersOfTwoThatHoldTheWholeConvolution() {
        assertEquals(2, FourierTransform.lengthFor(1, 1));
        assertEquals(2, FourierTransform.lengthFor(1, 2));
        assertEquals(4, FourierTransform.lengthFor(2, 2));
        assertEquals(256, FourierTransform.lengthFor(128, 128));
        assertEquals(512, FourierTransform.lengthFor(129, 129));
    }
}
