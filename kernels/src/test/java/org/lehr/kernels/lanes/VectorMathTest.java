package org.lehr.kernels.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.pointwise.Cos;
import org.lehr.kernels.pointwise.CpuPointwise;
import org.lehr.kernels.pointwise.Erf;
import org.lehr.kernels.pointwise.Exp;
import org.lehr.kernels.pointwise.Expm1;
import org.lehr.kernels.pointwise.Log;
import org.lehr.kernels.pointwise.Log1p;
import org.lehr.kernels.pointwise.Round;
import org.lehr.kernels.pointwise.Sigmoid;
import org.lehr.kernels.pointwise.Sin;
import org.lehr.kernels.pointwise.Softplus;
import org.lehr.kernels.pointwise.Tanh;
import org.lehr.kernels.pointwise.UnaryOp;

/// The stated error bounds, on a sweep through all exponents and on dense sweeps where the functions change.
///
/// Goes through the operations, which are those vectors (and float64 where there are none).
@Tag("widths")
class VectorMathTest {

    private static final int STRIDE = 8191;
    private static final int DENSE = 100_000;

    record Bound(UnaryOp op, double ulps, DoubleUnaryOperator exact) {
        @Override
        public String toString() {
            return op.name() + " within " + ulps + " ulp";
        }
    }

    static Stream<Bound> bounds() {
        return Stream.of(
                new Bound(Exp.OP, 2, StrictMath::exp),
                new Bound(Expm1.OP, 2, StrictMath::expm1),
                new Bound(Log.OP, 2, StrictMath::log),
                new Bound(Log1p.OP, 2, StrictMath::log1p),
                new Bound(Sin.OP, 2, StrictMath::sin),
                new Bound(Cos.OP, 2, StrictMath::cos),
                new Bound(Tanh.OP, 4, StrictMath::tanh),
                new Bound(
                        Sigmoid.OP,
                        4,
                        x -> x < 0 ? StrictMath.exp(x) / (1 + StrictMath.exp(x)) : 1 / (1 + StrictMath.exp(-x))),
                new Bound(Erf.OP, 4, ErrorFunction::erf),
                new Bound(Softplus.OP, 4, x -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)))),
                new Bound(Round.OP, 0, Math::rint));
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void errorsStayWithinTheirBound(Bound bound) {
        int coarse = (int) ((1L << 32) / STRIDE);
        int n = coarse + 2 * DENSE;
        View x = View.rowMajor(Pool.host().allocate(4L * n, "test"), DType.FLOAT32, n);
        View y = View.rowMajor(Pool.host().allocate(4L * n, "test"), DType.FLOAT32, n);
        MemorySegment in = x.storage().segment();
        for (int i = 0; i < n; i++) {
            float value = i < coarse
                    ? Float.intBitsToFloat(i * STRIDE)
                    : i < coarse + DENSE
                            ? (i - coarse) * (250f / DENSE) - 125
                            : (i - coarse - DENSE) * (8f / DENSE) - 4;
            in.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
        }
        new CpuPointwise().map(bound.op(), y, x);
        MemorySegment out = y.storage().segment();
        double worst = 0;
        float at = 0;
        for (int i = 0; i < n; i++) {
            float argument = in.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            float got = out.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            double exact = bound.exact().applyAsDouble(argument);
            double error = error(got, exact);
            if (!(error <= worst)) {
                worst = error;
                at = argument;
            }
        }
        float place = at;
        double error = worst;
        assertTrue(worst <= bound.ulps(), () -> bound.op().name() + " is off by " + error + " ulp at " + place);
    }

    @ParameterizedTest
    @MethodSource("bounds")
    void limitsAreExact(Bound bound) {
        float[] places = {0, -0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.NaN, -1, 1};
        View x = View.rowMajor(Pool.host().allocate(4L * places.length, "test"), DType.FLOAT32, places.length);
        View y = View.rowMajor(Pool.host().allocate(4L * places.length, "test"), DType.FLOAT32, places.length);
        x.storage().segment().copyFrom(MemorySegment.ofArray(places));
        new CpuPointwise().map(bound.op(), y, x);
        Map<String, Float> expected = new TreeMap<>();
        Map<String, Float> got = new TreeMap<>();
        for (int i = 0; i < 5; i++) {
            expected.put("" + places[i], (float) bound.exact().applyAsDouble(places[i]));
            got.put("" + places[i], y.storage().segment().getAtIndex(ValueLayout.JAVA_FLOAT, i));
        }
        assertEquals(expected, got);
    }

    private static double error(float got, double exact) {
        if (Double.isNaN(exact)) {
            return Float.isNaN(got) ? 0 : Double.POSITIVE_INFINITY;
        }
        float rounded = (float) exact;
        if (got == rounded) {
            return 0;
        }
        // beyond the largest float32, the next step would be 2^128
        double value = Float.isInfinite(got) ? Math.copySign(0x1p128, got) : got;
        double wanted = Math.abs(exact) > 0x1p128 ? Math.copySign(0x1p128, exact) : exact;
        return Math.abs(value - wanted) / Math.ulp(Float.isInfinite(rounded) ? Float.MAX_VALUE : rounded);
    }
}
