package org.lehr.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class FloatingInstructionTest {

    private static final long NAN32 = 0x7fffffffL;

    private static final float[] SINGLES = {
        0f,
        -0f,
        1f,
        -1f,
        1.5f,
        3f,
        0.1f,
        -7.3f,
        1e-3f,
        65504f,
        65520f,
        1e5f,
        3.4e38f,
        -3.4e38f,
        Float.MIN_VALUE,
        -Float.MIN_VALUE,
        Float.MIN_NORMAL,
        1.1e-38f,
        6e-8f,
        1e-20f,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        Float.NaN,
        8388609f,
        16777215f,
        0.49999997f,
        2.5f,
        -2.5f,
        3e9f,
        -3e9f,
        2e19f
    };

    private static long[][] singles() {
        long[] bits = new long[SINGLES.length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = bits(SINGLES[i]);
        }
        return Probe.triples(bits);
    }

    private static long[][] doubles() {
        SplittableRandom random = new SplittableRandom(5);
        long[] bits = new long[26];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = i < 10
                    ? Double.doubleToRawLongBits(SINGLES[i])
                    : Double.doubleToRawLongBits(Math.scalb(random.nextDouble(-1, 1), random.nextInt(-30, 30)));
        }
        return Probe.triples(bits);
    }

    private static long bits(float x) {
        return x != x ? NAN32 : Float.floatToRawIntBits(x) & 0xffffffffL;
    }

    private static float real(long bits) {
        return Float.intBitsToFloat((int) bits);
    }

    private static double real64(long bits) {
        return Double.longBitsToDouble(bits);
    }

    private interface Of3 {
        float apply(float a, float b, float c);
    }

    private static void check32(String instruction, Of3 expected) {
        check(
                instruction + " mov.b32 %r4, %f4; cvt.u64.u32 %d, %r4;",
                singles(),
                (a, b, c) -> bits(expected.apply(real(a), real(b), real(c))));
    }

    private static void check(String instruction, long[][] numbers, Lanewise.Ternary expected) {
        long[] results = Probe.run(instruction, numbers);
        for (int i = 0; i < results.length; i++) {
            long[] n = numbers[i];
            assertEquals(
                    Long.toHexString(expected.apply(n[0], n[1], n[2])),
                    Long.toHexString(results[i]),
                    () -> instruction + " of " + Long.toHexString(n[0]) + ", " + Long.toHexString(n[1]) + ", "
                            + Long.toHexString(n[2]));
        }
    }

    @Test
    void computesInFloat32() {
        check32("add.f32 %f4, %f1, %f2;", (a, b, c) -> a + b);
        check32("sub.rn.f32 %f4, %f1, %f2;", (a, b, c) -> a - b);
        check32("mul.rn.f32 %f4, %f1, %f2;", (a, b, c) -> a * b);
        check32("div.rn.f32 %f4, %f1, %f2;", (a, b, c) -> a / b);
        check32("fma.rn.f32 %f4, %f1, %f2, %f3;", Math::fma);
        check32("sqrt.rn.f32 %f4, %f1;", (a, b, c) -> (float) Math.sqrt(a));
        check32("rcp.rn.f32 %f4, %f1;", (a, b, c) -> 1 / a);
        check32("max.f32 %f4, %f1, %f2;", (a, b, c) -> a != a ? b : b != b ? a : Math.max(a, b));
        check32("min.NaN.f32 %f4, %f1, %f2;", (a, b, c) -> Math.min(a, b));
        check32("abs.f32 %f4, %f1;", (a, b, c) -> Math.abs(a));
        check32("add.sat.f32 %f4, %f1, %f2;", (a, b, c) -> a + b > 0 ? Math.min(a + b, 1) : 0);
        check32("mul.ftz.f32 %f4, %f1, %f2;", (a, b, c) -> flush(flush(a) * flush(b)));
        check(
                "copysign.f32 %f4, %f1, %f2; mov.b32 %r4, %f4; cvt.u64.u32 %d, %r4;",
                singles(), (a, b, c) -> b & 0x7fffffff | a & 0x80000000L);
    }

    private static float flush(float x) {
        return Math.abs(x) < Float.MIN_NORMAL ? Math.copySign(0f, x) : x;
    }

    /// Rounded from the exact result, by decimals.
    private static float directed(BigDecimal exact, RoundingMode mode, float nearest) {
        if (exact.signum() == 0) {
            return nearest;
        }
        float result = nearest;
        boolean up = mode == RoundingMode.CEILING || mode == RoundingMode.DOWN && exact.signum() < 0;
        if (Float.isInfinite(result)) {
            result = Math.copySign(Float.MAX_VALUE, result);
            boolean outward = mode != RoundingMode.DOWN && up == exact.signum() > 0;
            return outward ? nearest : result;
        }
        int order = exact.compareTo(new BigDecimal(result));
        if (up && order > 0) {
            return Math.nextUp(result);
        }
        return !up && order < 0 ? Math.nextDown(result) : result;
    }

    @Test
    void roundsInEveryDirection() {
        RoundingMode[] modes = {RoundingMode.DOWN, RoundingMode.FLOOR, RoundingMode.CEILING};
        String[] names = {"rz", "rm", "rp"};
        for (int i = 0; i < modes.length; i++) {
            RoundingMode mode = modes[i];
            check32(
                    "add." + names[i] + ".f32 %f4, %f1, %f2;",
                    (a, b, c) -> finite(a, b, 0)
                            ? a + b == 0 && a != 0 && mode == RoundingMode.FLOOR
                                    ? -0f
                                    : zeroSum(
                                            a, b, mode, directed(new BigDecimal(a).add(new BigDecimal(b)), mode, a + b))
                            : a + b);
            check32(
                    "mul." + names[i] + ".f32 %f4, %f1, %f2;",
                    (a, b, c) -> finite(a, b, 0)
                            ? directed(new BigDecimal(a).multiply(new BigDecimal(b)), mode, a * b)
                            : a * b);
            check32("fma." + names[i] + ".f32 %f4, %f1, %f2, %f3;", (a, b, c) -> {
                if (!finite(a, b, c)) {
                    return Math.fma(a, b, c);
                }
                BigDecimal exact = new BigDecimal(a).multiply(new BigDecimal(b)).add(new BigDecimal(c));
                boolean cancels = exact.signum() == 0 && c != 0;
                return cancels && mode == RoundingMode.FLOOR
                        ? -0f
                        : zeroSum(a * b, c, mode, directed(exact, mode, Math.fma(a, b, c)));
            });
            check32(
                    "div." + names[i] + ".f32 %f4, %f1, %f2;",
                    (a, b, c) -> finite(a, b, 0) && b != 0
                            ? directed(new BigDecimal(a).divide(new BigDecimal(b), new MathContext(200)), mode, a / b)
                            : a / b);
            check32(
                    "sqrt." + names[i] + ".f32 %f4, %f1;",
                    (a, b, c) -> a > 0 && finite(a, 0, 0)
                            ? directed(new BigDecimal(a).sqrt(new MathContext(200)), mode, (float) Math.sqrt(a))
                            : (float) Math.sqrt(a));
            String name = names[i];
            check(
                    "add." + name + ".f64 %fd4, %fd1, %fd2; mov.b64 %d, %fd4;",
                    doubles(),
                    (a, b, c) -> a == (b ^ Long.MIN_VALUE)
                            ? (mode == RoundingMode.FLOOR ? Long.MIN_VALUE : 0)
                            : directed64(
                                    new BigDecimal(real64(a)).add(new BigDecimal(real64(b))),
                                    mode,
                                    real64(a) + real64(b)));
            check(
                    "mul." + name + ".f64 %fd4, %fd1, %fd2; mov.b64 %d, %fd4;",
                    doubles(),
                    (a, b, c) -> directed64(
                            new BigDecimal(real64(a)).multiply(new BigDecimal(real64(b))),
                            mode,
                            real64(a) * real64(b)));
        }
    }

    /// Sums that are exactly zero are −0 when rounded down, unless both are +0.
    private static float zeroSum(float a, float b, RoundingMode mode, float result) {
        boolean exact = a == 0 && b == 0;
        return exact && mode == RoundingMode.FLOOR && !(1 / a > 0 && 1 / b > 0) ? -0f : result;
    }

    private static long directed64(BigDecimal exact, RoundingMode mode, double nearest) {
        if (exact.signum() == 0) {
            return Double.doubleToRawLongBits(nearest);
        }
        int order = exact.compareTo(new BigDecimal(nearest));
        boolean up = mode == RoundingMode.CEILING || mode == RoundingMode.DOWN && exact.signum() < 0;
        double result = nearest;
        if (up && order > 0) {
            result = Math.nextUp(result);
        } else if (!up && order < 0) {
            result = Math.nextDown(result);
        }
        return Double.doubleToRawLongBits(result);
    }

    private static boolean finite(float a, float b, float c) {
        return Float.isFinite(a) && Float.isFinite(b) && Float.isFinite(c);
    }

    @Test
    void computesInFloat64() {
        check(
                "add.f64 %fd4, %fd1, %fd2; mov.b64 %d, %fd4;",
                doubles(), (a, b, c) -> Double.doubleToRawLongBits(real64(a) + real64(b)));
        check(
                "fma.rn.f64 %fd4, %fd1, %fd2, %fd3; mov.b64 %d, %fd4;",
                doubles(), (a, b, c) -> Double.doubleToRawLongBits(Math.fma(real64(a), real64(b), real64(c))));
        check(
                "div.rn.f64 %fd4, %fd1, %fd2; mov.b64 %d, %fd4;",
                doubles(), (a, b, c) -> Double.doubleToLongBits(real64(a) / real64(b)));
        check(
                "sqrt.rn.f64 %fd4, %fd1; mov.b64 %d, %fd4;",
                doubles(), (a, b, c) -> Double.doubleToLongBits(Math.sqrt(real64(a))));
        check(
                "rcp.approx.ftz.f64 %fd4, %fd1; mov.b64 %d, %fd4;",
                doubles(),
                (a, b, c) -> Double.doubleToRawLongBits(1 / real64(a & 0xffffffff00000000L)) & 0xffffffff00000000L);
    }

    @Test
    void approximatesByRoundingTheTruth() {
        approximates("ex2.approx.f32", x -> StrictMath.pow(2, x));
        approximates("sin.approx.f32", StrictMath::sin);
        approximates("cos.approx.f32", StrictMath::cos);
        approximates("tanh.approx.f32", StrictMath::tanh);
        approximates("rsqrt.approx.f32", x -> x == 0 ? 1 / x : 1 / Math.sqrt(x));
        long[] logarithms = Probe.run(
                "lg2.approx.f32 %f4, %f1; mov.b32 %r4, %f4; cvt.u64.u32 %d, %r4;",
                new long[][] {{bits(8f)}, {bits(0.5f)}, {bits(10f)}, {bits(0f)}, {bits(-1f)}});
        assertEquals(3f, real(logarithms[0]));
        assertEquals(-1f, real(logarithms[1]));
        assertEquals(Math.log(10) / Math.log(2), real(logarithms[2]), 1e-6);
        assertEquals(Float.NEGATIVE_INFINITY, real(logarithms[3]));
        assertTrue(Float.isNaN(real(logarithms[4])));
    }

    private static void approximates(String name, DoubleUnaryOperator truth) {
        check32(name + " %f4, %f1;", (a, b, c) -> (float) truth.applyAsDouble(a));
    }

    @Test
    void comparesWithNaN() {
        check("setp.lt.f32 %p1, %f1, %f2; selp.u64 %d, 1, 0, %p1;", singles(), (a, b, c) -> real(a) < real(b) ? 1 : 0);
        check(
                "setp.neu.f32 %p1, %f1, %f2; selp.u64 %d, 1, 0, %p1;",
                singles(), (a, b, c) -> real(a) != real(b) ? 1 : 0);
        check(
                "setp.ne.f32 %p1, %f1, %f2; selp.u64 %d, 1, 0, %p1;",
                singles(), (a, b, c) -> real(a) < real(b) || real(a) > real(b) ? 1 : 0);
        check(
                "setp.geu.f32 %p1, %f1, %f2; selp.u64 %d, 1, 0, %p1;",
                singles(), (a, b, c) -> !(real(a) < real(b)) ? 1 : 0);
        check(
                "setp.num.f32 %p1, %f1, %f2; selp.u64 %d, 1, 0, %p1;",
                singles(), (a, b, c) -> Float.isNaN(real(a)) || Float.isNaN(real(b)) ? 0 : 1);
        check(
                "testp.subnormal.f32 %p1, %f1; selp.u64 %d, 1, 0, %p1;",
                singles(), (a, b, c) -> real(a) != 0 && Math.abs(real(a)) < Float.MIN_NORMAL ? 1 : 0);
    }

    @Test
    void convertsBetweenFormats() {
        check("cvt.f64.f32 %fd4, %f1; mov.b64 %d, %fd4;", singles(), (a, b, c) -> Double.doubleToLongBits(real(a)));
        check32("cvt.f64.f32 %fd4, %f1; cvt.rn.f32.f64 %f4, %fd4;", (a, b, c) -> a);
        check(
                "cvt.rn.f16.f32 %h4, %f1; cvt.u64.u16 %d, %h4;",
                singles(), (a, b, c) -> Float.isNaN(real(a)) ? 0x7fff : Float.floatToFloat16(real(a)) & 0xffff);
        check("cvt.rn.bf16.f32 %h4, %f1; cvt.u64.u16 %d, %h4;", singles(), (a, b, c) -> toBf16(real(a)));
        check(
                "cvt.rn.bf16x2.f32 %r4, %f1, %f2; cvt.u64.u32 %d, %r4;",
                singles(), (a, b, c) -> toBf16(real(a)) << 16 | toBf16(real(b)));
        check32("cvt.f32.f16 %f4, %h1;", (a, b, c) -> Float.float16ToFloat((short) Float.floatToRawIntBits(a)));
        check32("cvt.rni.f32.f32 %f4, %f1;", (a, b, c) -> (float) Math.rint(a));
        check32("cvt.rmi.f32.f32 %f4, %f1;", (a, b, c) -> (float) Math.floor(a));
        check32("cvt.sat.f32.f32 %f4, %f1;", (a, b, c) -> a > 0 ? Math.min(a, 1) : 0);
        check(
                "cvt.rna.tf32.f32 %r4, %f1; cvt.u64.u32 %d, %r4;",
                singles(), (a, b, c) -> {
                    if (Float.isNaN(real(a)) || Float.isInfinite(real(a))) {
                        return bits(real(a));
                    }
                    return a + 0x1000 & 0xffffe000L;
                });
    }

    private static long toBf16(float x) {
        int bits = Float.floatToRawIntBits(x);
        return Float.isNaN(x) ? 0x7fff : bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
    }

    @Test
    void convertsToAndFromWholeNumbers() {
        check("cvt.rzi.s32.f32 %r4, %f1; cvt.s64.s32 %d, %r4;", singles(), (a, b, c) -> (int) real(a));
        check("cvt.rni.s32.f32 %r4, %f1; cvt.s64.s32 %d, %r4;", singles(), (a, b, c) -> (int) Math.rint(real(a)));
        check(
                "cvt.rpi.u32.f32 %r4, %f1; cvt.u64.u32 %d, %r4;",
                singles(), (a, b, c) -> Math.clamp((long) Math.ceil(real(a)), 0, 0xffffffffL));
        check(
                "cvt.rzi.s64.f32 %d, %f1;",
                singles(), (a, b, c) -> Float.isNaN(real(a)) ? Long.MIN_VALUE : (long) real(a));
        check(
                "cvt.rzi.u64.f32 %d, %f1;",
                singles(), (a, b, c) -> {
                    float x = real(a);
                    if (Float.isNaN(x)) {
                        return Long.MIN_VALUE;
                    }
                    return x <= 0
                            ? 0
                            : x >= 0x1p64f
                                    ? -1
                                    : new BigDecimal(x).toBigInteger().longValue();
                });
        check(
                "cvt.rn.f32.s64 %f4, %a; mov.b32 %r4, %f4; cvt.u64.u32 %d, %r4;",
                doubles(), (a, b, c) -> bits((float) a));
        check(
                "cvt.rn.f64.u64 %fd4, %a; mov.b64 %d, %fd4;",
                doubles(),
                (a, b, c) -> Double.doubleToRawLongBits(new BigDecimal(Long.toUnsignedString(a)).doubleValue()));
        check(
                "cvt.rz.f32.u32 %f4, %r1; mov.b32 %r4, %f4; cvt.u64.u32 %d, %r4;",
                singles(), (a, b, c) -> {
                    float x = (float) a;
                    return bits((long) x > a ? Math.nextDown(x) : x);
                });
    }

    @Test
    void computesInHalfPrecision() {
        check(
                "fma.rn.f16 %h4, %h1, %h2, %h3; cvt.u64.u16 %d, %h4;",
                halves(),
                (a, b, c) -> half(new BigDecimal(Float.float16ToFloat((short) a))
                        .multiply(new BigDecimal(Float.float16ToFloat((short) b)))
                        .add(new BigDecimal(Float.float16ToFloat((short) c)))));
        check(
                "add.rn.f16x2 %r4, %r1, %r2; cvt.u64.u32 %d, %r4;",
                halves(), (a, b, c) -> half(sum(a, b)) | half(sum(a >> 16, b >> 16)) << 16);
    }

    private static BigDecimal sum(long a, long b) {
        return new BigDecimal(Float.float16ToFloat((short) a)).add(new BigDecimal(Float.float16ToFloat((short) b)));
    }

    /// Finite numbers of 16 bits, two in each.
    private static long[][] halves() {
        SplittableRandom random = new SplittableRandom(9);
        long[][] numbers = new long[1000][3];
        for (long[] triple : numbers) {
            for (int i = 0; i < 3; i++) {
                long low = Float.floatToFloat16((float) Math.scalb(random.nextDouble(1, 2), random.nextInt(-14, 6)));
                long high = Float.floatToFloat16((float) -Math.scalb(random.nextDouble(1, 2), random.nextInt(-24, 6)));
                triple[i] = low & 0xffff | (high & 0xffff) << 16;
            }
        }
        return numbers;
    }

    /// To the nearest, ties to even, by distances.
    private static long half(BigDecimal exact) {
        short near = Float.floatToFloat16(exact.floatValue());
        short best = near;
        for (int step = -1; step <= 1; step++) {
            short other = (short) (near + step);
            BigDecimal distance =
                    exact.subtract(new BigDecimal(Float.float16ToFloat(other))).abs();
            BigDecimal least =
                    exact.subtract(new BigDecimal(Float.float16ToFloat(best))).abs();
            int order = distance.compareTo(least);
            if (order < 0 || order == 0 && (other & 1) == 0) {
                best = other;
            }
        }
        return best & 0xffffL;
    }
}
