package org.lehr.kernels.lanes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Elementary functions on float32 vectors of [Species#F32]. May only be touched where [Lanes#available].
///
/// Errors, over all float32 inputs, in units in the last place of the exact result: none for `nearest`; at most 2 for `exp`, `expm1`,
/// `log`, `log1p`, `sin`, `cos`; at most 4 for `tanh`, `sigmoid`, `erf`. NaN gives NaN; `±0` keeps its sign where
/// the function is odd; infinities give the limits; subnormal inputs and results are not flushed. Each lane depends on
/// its own input only. Polynomials are minimax fits (Remez 1934, by Lawson's weights) with float32 coefficients.
public final class VectorMath {

    private static final VectorSpecies<Float> F = Species.F32;

    private static final float INFINITY = Float.POSITIVE_INFINITY;
    private static final float LOG2_E = 1.442695f;
    private static final float LN2 = 0.6931472f;
    /// `ln 2 − LN2`
    private static final float LN2_REST = -1.9046542e-9f;
    /// `1.5·2²³`: adding it leaves the nearest integer in the low bits.
    private static final float ROUNDER = 12582912f;
    private static final float INTEGERS = 0x1p23f;
    private static final int ROUNDER_BITS = 0x4b400000;
    /// `−126·ln 2`, the least `x` whose `eˣ` is not subnormal.
    private static final float LOG_MIN_NORMAL = -87.33654f;
    private static final int SIGN = 0x80000000;
    private static final int SQRT_HALF_BITS = 0x3f3504f3;
    /// Below this, `f(x) = x` to half a unit for `expm1`, `log1p`.
    private static final float TINY = 0x1p-25f;
    /// Where the large-argument formula of `erf` takes over.
    private static final float ERF_JOIN = 0.9375f;
    /// Beyond this, [#sin] and [#cos] leave the vector and go through float64.
    private static final float CIRCLE_LIMIT = 65536;

    private VectorMath() {}

    /// `eˣ = 2ⁿ·eʳ` with `|r| ≤ ½ ln 2`. The power is applied in two factors, so that subnormal results are rounded once.
    public static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector y = expReduced(remainder(x, shifted)).add(1);
        IntVector n = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
        IntVector half = n.lanewise(VectorOperators.ASHR, 1);
        FloatVector result = y.mul(power(half)).mul(power(n.sub(half)));
        return result.blend(INFINITY, x.compare(VectorOperators.GT, 100))
                .blend(0, x.compare(VectorOperators.LT, -110));
    }

    /// [#exp] for softmaxes, with fewer steps: `x` is at most 88, and results below `2⁻¹²⁶` are 0. The power is added
    /// to the exponent's bits.
    public static FloatVector expNormal(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector y = expReduced(remainder(x, shifted)).add(1);
        // the rounder's own bits leave at the top
        IntVector power = shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return y.reinterpretAsInts()
                .add(power)
                .reinterpretAsFloats()
                .blend(0, x.compare(VectorOperators.LT, LOG_MIN_NORMAL));
    }

    /// `eˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1)`, halved on the way so that `2¹²⁸` is not needed.
    public static FloatVector expm1(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector y = expReduced(remainder(x, shifted));
        FloatVector half = power(shifted.reinterpretAsInts().sub(ROUNDER_BITS + 1));
        FloatVector result = y.fma(half, half.sub(0.5f)).mul(2);
        return result.blend(INFINITY, x.compare(VectorOperators.GT, 89))
                .blend(-1, x.compare(VectorOperators.LT, -18))
                .blend(x, x.abs().compare(VectorOperators.LT, TINY));
    }

    /// `x − n·ln 2` for the `n` in the low bits of `shifted`. The first product cancels without error.
    private static FloatVector remainder(FloatVector x, FloatVector shifted) {
        FloatVector n = shifted.sub(ROUNDER);
        return n.fma(all(-LN2_REST), n.fma(all(-LN2), x));
    }

    /// `eʳ − 1 = r + r²·P(r)` for `|r| ≤ ½ ln 2`, off by at most `3.4e-9·eʳ`.
    private static FloatVector expReduced(FloatVector r) {
        FloatVector p = all(0x1.6a4d6ep-10f);
        p = p.fma(r, all(0x1.123e58p-7f));
        p = p.fma(r, all(0x1.5558b8p-5f));
        p = p.fma(r, all(0x1.55548cp-3f));
        p = p.fma(r, all(0x1.fffffcp-2f));
        return p.fma(r.mul(r), r);
    }

    /// `2ⁿ` for `−127 < n ≤ 128`.
    private static FloatVector power(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }

    /// `ln x = e·ln 2 + ln(1 + f)` with `√½ ≤ 1 + f < √2`.
    public static FloatVector log(FloatVector x) {
        VectorMask<Float> small = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
        IntVector bits = x.blend(x.mul(0x1p24f), small).reinterpretAsInts();
        IntVector exponent = bits.sub(SQRT_HALF_BITS).lanewise(VectorOperators.ASHR, 23);
        FloatVector f = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats()
                .sub(1);
        FloatVector e = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
        e = e.blend(e.sub(24), small);
        FloatVector square = f.mul(f);
        FloatVector rest = logReduced(f).fma(square, e.mul(LN2_REST));
        return e.fma(all(LN2), f.add(rest))
                .blend(x, x.compare(VectorOperators.LT, INFINITY).not())
                .blend(-INFINITY, x.compare(VectorOperators.EQ, 0))
                .blend(Float.NaN, x.compare(VectorOperators.LT, 0));
    }

    /// `(ln(1 + f) − f) / f² = f·Q(f) − ½`, off by at most `6e-9·|ln(1 + f)| / f²`.
    private static FloatVector logReduced(FloatVector f) {
        FloatVector q = all(-0x1.38c9fap-4f);
        q = q.fma(f, all(0x1.0573b2p-3f));
        q = q.fma(f, all(-0x1.0d8bfap-3f));
        q = q.fma(f, all(0x1.22d710p-3f));
        q = q.fma(f, all(-0x1.547164p-3f));
        q = q.fma(f, all(0x1.99a028p-3f));
        q = q.fma(f, all(-0x1.00022ap-2f));
        q = q.fma(f, all(0x1.555554p-2f));
        return q.fma(f, all(-0.5f));
    }

    /// `ln(1 + x) = ln u + c/u`, where `u` is `1 + x` rounded and `c` what the rounding lost.
    public static FloatVector log1p(FloatVector x) {
        FloatVector u = x.add(1);
        FloatVector lost = x.sub(u.sub(1));
        VectorMask<Float> ordinary =
                u.compare(VectorOperators.GT, 0).and(u.compare(VectorOperators.LT, INFINITY));
        FloatVector result = log(u);
        return result.blend(result.add(lost.div(u)), ordinary)
                .blend(x, x.abs().compare(VectorOperators.LT, TINY));
    }

    /// `tanh |x| = −t / (2 + t)` with `t = expm1(−2|x|)`.
    public static FloatVector tanh(FloatVector x) {
        FloatVector t = expm1(x.abs().mul(-2));
        return withSign(t.neg().div(t.add(2)), x);
    }

    /// `1 / (1 + e⁻ˣ)`; for `x < 0` as `eˣ / (1 + eˣ)`, which keeps its digits.
    public static FloatVector sigmoid(FloatVector x) {
        FloatVector e = exp(x.abs().neg());
        return all(1).blend(e, x.compare(VectorOperators.LT, 0)).div(e.add(1));
    }

    /// `erf x = (2/√π) ∫₀ˣ e^(−t²) dt`: a polynomial in `x²` near 0, `1 − e^(−t − t·p(t))` with `t = |x|` elsewhere.
    public static FloatVector erf(FloatVector x) {
        FloatVector t = x.abs();
        FloatVector far = withSign(all(1).sub(erfcFar(t)), x);
        return far.blend(erfNear(x), t.compare(VectorOperators.LT, ERF_JOIN));
    }

    /// `Φ(x) = ½(1 + erf(x/√2))`, the distribution function of the standard normal.
    ///
    /// The error is at most 4 units of the exact value for `x ≥ −1.3`, and `1e-7` of `½` everywhere.
    public static FloatVector normal(FloatVector x) {
        FloatVector y = x.mul(0.70710677f);
        FloatVector t = y.abs();
        FloatVector tail = erfcFar(t).mul(0.5f);
        FloatVector far = all(1).sub(tail).blend(tail, x.compare(VectorOperators.LT, 0));
        FloatVector near = erfNear(y).fma(0.5f, 0.5f);
        return far.blend(near, t.compare(VectorOperators.LT, ERF_JOIN));
    }

    /// `erf x` for `|x| ≤ 0.94`.
    private static FloatVector erfNear(FloatVector x) {
        FloatVector s = x.mul(x);
        FloatVector p = all(0x1.4f9a32p-14f);
        p = p.fma(s, all(-0x1.a61504p-11f));
        p = p.fma(s, all(0x1.544ad6p-8f));
        p = p.fma(s, all(-0x1.b80122p-6f));
        p = p.fma(s, all(0x1.ce2d64p-4f));
        p = p.fma(s, all(-0x1.812740p-2f));
        p = p.fma(s, all(0x1.06eba8p-3f));
        return p.fma(x, x);
    }

    /// `1 − erf t` for `t ≥ 0.93`, to `9e-10`.
    private static FloatVector erfcFar(FloatVector t) {
        FloatVector p = all(0x1.5df666p-17f);
        p = p.fma(t, all(-0x1.4a1fc2p-12f));
        p = p.fma(t, all(0x1.d9342ep-9f));
        p = p.fma(t, all(-0x1.8435b4p-6f));
        p = p.fma(t, all(0x1.b2d3bep-4f));
        p = p.fma(t, all(0x1.4538aep-1f));
        p = p.fma(t, all(0x1.0772e0p-3f));
        return exp(p.fma(t, t).neg());
    }

    /// Sine of an angle in radians.
    public static FloatVector sin(FloatVector x) {
        return circle(x, 0);
    }

    /// Cosine of an angle in radians.
    public static FloatVector cos(FloatVector x) {
        return circle(x, 1);
    }

    /// `sin(x + quarters·π/2)` by `x = n·π/2 + r`, with π/2 in three parts (Cody, Waite 1980).
    private static FloatVector circle(FloatVector x, int quarters) {
        FloatVector shifted = x.fma(0.63661975f, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(all(-1.5707964f), x);
        r = n.fma(all(4.371139e-8f), r);
        r = n.fma(all(1.7151245e-15f), r);
        IntVector quadrant = shifted.reinterpretAsInts().add(quarters);
        VectorMask<Float> odd =
                quadrant.lanewise(VectorOperators.AND, 1).compare(VectorOperators.NE, 0).cast(F);
        FloatVector s = r.mul(r);
        FloatVector y = sinReduced(r, s).blend(cosReduced(s), odd);
        IntVector sign = quadrant.lanewise(VectorOperators.AND, 2).lanewise(VectorOperators.LSHL, 30);
        FloatVector result = y.reinterpretAsInts().lanewise(VectorOperators.XOR, sign).reinterpretAsFloats();
        VectorMask<Float> large = x.abs().compare(VectorOperators.GT, CIRCLE_LIMIT);
        return large.anyTrue() ? result.blend(circleOfLarge(x, quarters), large) : result;
    }

    private static FloatVector sinReduced(FloatVector r, FloatVector s) {
        FloatVector p = all(0x1.7a86b2p-19f);
        p = p.fma(s, all(-0x1.a053f2p-13f));
        p = p.fma(s, all(0x1.111170p-7f));
        p = p.fma(s, all(-0x1.555556p-3f));
        return p.fma(r.mul(s), r);
    }

    private static FloatVector cosReduced(FloatVector s) {
        FloatVector p = all(0x1.99911cp-16f);
        p = p.fma(s, all(-0x1.6c0af4p-10f));
        p = p.fma(s, all(0x1.555548p-5f));
        p = p.fma(s, all(-0.5f));
        return p.fma(s, all(1));
    }

    /// Lane by lane; such angles are rare and the reduction is long.
    private static FloatVector circleOfLarge(FloatVector x, int quarters) {
        float[] values = x.toArray();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (quarters == 0 ? Math.sin(values[i]) : Math.cos(values[i]));
        }
        return FloatVector.fromArray(F, values, 0);
    }

    /// The nearest integer, the even one of two. Beyond 2²³ every float32 is one; below, adding 2²³ rounds.
    public static FloatVector nearest(FloatVector x) {
        FloatVector size = x.abs();
        FloatVector whole = withSign(size.add(INTEGERS).sub(INTEGERS), x);
        return x.blend(whole, size.compare(VectorOperators.LT, INTEGERS));
    }

    /// `|magnitude|` with the sign of `sign`; `magnitude` must not be negative.
    private static FloatVector withSign(FloatVector magnitude, FloatVector sign) {
        IntVector bit = sign.reinterpretAsInts().lanewise(VectorOperators.AND, SIGN);
        return magnitude.reinterpretAsInts().lanewise(VectorOperators.OR, bit).reinterpretAsFloats();
    }

    private static FloatVector all(float value) {
        return FloatVector.broadcast(F, value);
    }
}
