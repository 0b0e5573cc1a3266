package org.lehr.kernels.lanes;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Elementary functions on float32 vectors of [Species#F32]. May only be touched where [Lanes#available].
///
/// Errors, over all float32 inputs, in units in the last place of the exact result: none for `nearest`; at most 2 for
/// `exp`, `expm1`, `log`, `log1p`, `sin`, `cos`; at most 4 for `tanh`, `sigmoid`, `erf`, `softplus`. NaN
/// gives NaN; `±0` keeps its sign where the function is odd; infinities give the limits; subnormal inputs and results
/// are not flushed. Each lane depends on its own input only. Polynomials are minimax fits (Remez 1934,
/// by Lawson's weights) with float32 coefficients.
///
/// The compiler gives up inlining our own methods (though not those of the Vector API) once a loop has become some
/// 30 operations long, and a vector that passes a call is an object on the heap. So methods here call each other
/// early or not at all, and repeat a polynomial rather than call it late.
public final class VectorMath {

    private static final VectorSpecies<Float> F = Species.F32;

    private static final float INFINITY = Float.POSITIVE_INFINITY;
    private static final float LOG2_E = 1.442695f;
    private static final float LN2 = 0.6931472f;
    /// `ln 2 − LN2`
    private static final float LN2_REST = -1.9046542e-9f;
    /// `1.5·2²³`: adding it leaves the nearest integer in the low bits.
    private static final float ROUNDER = 12582912f;
    private static final int ROUNDER_BITS = 0x4b400000;
    /// `−126·ln 2`, the least `x` whose `eˣ` is not subnormal.
    private static final float LOG_MIN_NORMAL = -87.33654f;
    private static final float INTEGERS = 0x1p23f;
    private static final int SIGN = 0x80000000;
    private static final int SQRT_HALF_BITS = 0x3f3504f3;
    /// Below this, `f(x) = x` to half a unit for `expm1`, `log1p`.
    private static final float TINY = 0x1p-25f;
    /// Where the large-argument formula of `erf` takes over.
    private static final float ERF_JOIN = 0.9375f;
    /// Beyond this, [#sin] and [#cos] leave the vector and go through float64.
    private static final float CIRCLE_LIMIT = 65536;

    /// `eʳ = 1 + r + r²·(E0 + E1·r + ... + E4·r⁴)` for `|r| ≤ ½ ln 2`, off by at most `3.4e-9·eʳ`.
    private static final float E0 = 0x1.fffffcp-2f;
    private static final float E1 = 0x1.55548cp-3f;
    private static final float E2 = 0x1.5558b8p-5f;
    private static final float E3 = 0x1.123e58p-7f;
    private static final float E4 = 0x1.6a4d6ep-10f;

    /// `ln(1 + f) = f − ½f² + f³·(L0 + L1·f + ... + L7·f⁷)` for `√½ ≤ 1 + f ≤ √2`, off by at most `6e-9` of it.
    private static final float L0 = 0x1.555554p-2f;
    private static final float L1 = -0x1.00022ap-2f;
    private static final float L2 = 0x1.99a028p-3f;
    private static final float L3 = -0x1.547164p-3f;
    private static final float L4 = 0x1.22d710p-3f;
    private static final float L5 = -0x1.0d8bfap-3f;
    private static final float L6 = 0x1.0573b2p-3f;
    private static final float L7 = -0x1.38c9fap-4f;

    private VectorMath() {}

    /// `eˣ = 2ⁿ·eʳ` with `|r| ≤ ½ ln 2`. The first product of the reduction cancels without error. The power is
    /// applied
    /// in two factors, so that subnormal results are rounded once.
    public static FloatVector exp(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector whole = shifted.sub(ROUNDER);
        FloatVector r = whole.fma(FloatVector.broadcast(F, -LN2), x);
        r = whole.fma(FloatVector.broadcast(F, -LN2_REST), r);
        FloatVector p = FloatVector.broadcast(F, E4);
        p = p.fma(r, FloatVector.broadcast(F, E3));
        p = p.fma(r, FloatVector.broadcast(F, E2));
        p = p.fma(r, FloatVector.broadcast(F, E1));
        p = p.fma(r, FloatVector.broadcast(F, E0));
        FloatVector y = p.fma(r.mul(r), r).add(1);
        IntVector n = shifted.reinterpretAsInts().sub(ROUNDER_BITS);
        IntVector half = n.lanewise(VectorOperators.ASHR, 1);
        IntVector rest = n.sub(half);
        y = y.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
        y = y.mul(rest.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
        return y.blend(INFINITY, x.compare(VectorOperators.GT, 100)).blend(0, x.compare(VectorOperators.LT, -110));
    }

    /// [#exp] for softmaxes, with fewer steps: `x` is at most 88, and results below `2⁻¹²⁶` are 0. The power is
    /// added
    /// to the exponent's bits.
    public static FloatVector expNormal(FloatVector x) {
        FloatVector shifted = x.fma(LOG2_E, ROUNDER);
        FloatVector whole = shifted.sub(ROUNDER);
        FloatVector r = whole.fma(FloatVector.broadcast(F, -LN2), x);
        r = whole.fma(FloatVector.broadcast(F, -LN2_REST), r);
        FloatVector p = FloatVector.broadcast(F, E4);
        p = p.fma(r, FloatVector.broadcast(F, E3));
        p = p.fma(r, FloatVector.broadcast(F, E2));
        p = p.fma(r, FloatVector.broadcast(F, E1));
        p = p.fma(r, FloatVector.broadcast(F, E0));
        FloatVector y = p.fma(r.mul(r), r).add(1);
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
        FloatVector whole = shifted.sub(ROUNDER);
        FloatVector r = whole.fma(FloatVector.broadcast(F, -LN2), x);
        r = whole.fma(FloatVector.broadcast(F, -LN2_REST), r);
        FloatVector p = FloatVector.broadcast(F, E4);
        p = p.fma(r, FloatVector.broadcast(F, E3));
        p = p.fma(r, FloatVector.broadcast(F, E2));
        p = p.fma(r, FloatVector.broadcast(F, E1));
        p = p.fma(r, FloatVector.broadcast(F, E0));
        FloatVector y = p.fma(r.mul(r), r);
        IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDER_BITS - 126);
        FloatVector half = exponent.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
        FloatVector result = y.fma(half, half.sub(0.5f)).mul(2);
        return result.blend(INFINITY, x.compare(VectorOperators.GT, 89))
                .blend(-1, x.compare(VectorOperators.LT, -18))
                .blend(x, x.abs().compare(VectorOperators.LT, TINY));
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
        FloatVector q = FloatVector.broadcast(F, L7);
        q = q.fma(f, FloatVector.broadcast(F, L6));
        q = q.fma(f, FloatVector.broadcast(F, L5));
        q = q.fma(f, FloatVector.broadcast(F, L4));
        q = q.fma(f, FloatVector.broadcast(F, L3));
        q = q.fma(f, FloatVector.broadcast(F, L2));
        q = q.fma(f, FloatVector.broadcast(F, L1));
        q = q.fma(f, FloatVector.broadcast(F, L0));
        q = q.fma(f, FloatVector.broadcast(F, -0.5f));
        FloatVector rest = q.fma(f.mul(f), e.mul(LN2_REST));
        return e.fma(FloatVector.broadcast(F, LN2), f.add(rest))
                .blend(x, x.compare(VectorOperators.LT, INFINITY).not())
                .blend(-INFINITY, x.compare(VectorOperators.EQ, 0))
                .blend(Float.NaN, x.compare(VectorOperators.LT, 0));
    }

    /// `ln(1 + x) = ln u + c/u`, where `u` is `1 + x` rounded and `c` what the rounding lost.
    public static FloatVector log1p(FloatVector x) {
        FloatVector u = x.add(1);
        FloatVector result = log(u);
        FloatVector lost = x.sub(u.sub(1)).div(u);
        VectorMask<Float> ordinary = u.compare(VectorOperators.GT, 0).and(u.compare(VectorOperators.LT, INFINITY));
        return result.blend(result.add(lost), ordinary).blend(x, x.abs().compare(VectorOperators.LT, TINY));
    }

    /// `ln(1 + eˣ) = max(x, 0) + ln(1 + e)` with `e = e^(−|x|)`; there `1 + e` needs no rounding.
    public static FloatVector softplus(FloatVector x) {
        FloatVector e = exp(x.abs().neg());
        VectorMask<Float> halved = e.compare(VectorOperators.GT, 0.41421357f);
        FloatVector f = e.blend(e.sub(1).mul(0.5f), halved);
        FloatVector q = FloatVector.broadcast(F, L7);
        q = q.fma(f, FloatVector.broadcast(F, L6));
        q = q.fma(f, FloatVector.broadcast(F, L5));
        q = q.fma(f, FloatVector.broadcast(F, L4));
        q = q.fma(f, FloatVector.broadcast(F, L3));
        q = q.fma(f, FloatVector.broadcast(F, L2));
        q = q.fma(f, FloatVector.broadcast(F, L1));
        q = q.fma(f, FloatVector.broadcast(F, L0));
        q = q.fma(f, FloatVector.broadcast(F, -0.5f));
        FloatVector rest = q.mul(f).fma(f, f);
        return x.max(0).add(rest.blend(rest.add(LN2), halved));
    }

    /// `tanh |x| = −t / (2 + t)` with `t = expm1(−2|x|)`.
    public static FloatVector tanh(FloatVector x) {
        FloatVector t = expm1(x.abs().mul(-2));
        IntVector size = t.neg().div(t.add(2)).reinterpretAsInts();
        IntVector sign = x.reinterpretAsInts().lanewise(VectorOperators.AND, SIGN);
        return size.lanewise(VectorOperators.OR, sign).reinterpretAsFloats();
    }

    /// `1 / (1 + e⁻ˣ)`; for `x < 0` as `eˣ / (1 + eˣ)`, which keeps its digits.
    public static FloatVector sigmoid(FloatVector x) {
        FloatVector e = exp(x.abs().neg());
        return FloatVector.broadcast(F, 1)
                .blend(e, x.compare(VectorOperators.LT, 0))
                .div(e.add(1));
    }

    /// `erf x = (2/√π) ∫₀ˣ e^(−t²) dt`: `x + x·p(x²)` near 0, `1 − e^(−t − t·q(t))` with `t = |x|` elsewhere; the
    /// polynomials are off by `9e-10` of `erf x`.
    public static FloatVector erf(FloatVector x) {
        FloatVector t = x.abs();
        FloatVector q = FloatVector.broadcast(F, 0x1.5df666p-17f);
        q = q.fma(t, FloatVector.broadcast(F, -0x1.4a1fc2p-12f));
        q = q.fma(t, FloatVector.broadcast(F, 0x1.d9342ep-9f));
        q = q.fma(t, FloatVector.broadcast(F, -0x1.8435b4p-6f));
        q = q.fma(t, FloatVector.broadcast(F, 0x1.b2d3bep-4f));
        q = q.fma(t, FloatVector.broadcast(F, 0x1.4538aep-1f));
        q = q.fma(t, FloatVector.broadcast(F, 0x1.0772e0p-3f));
        FloatVector far = FloatVector.broadcast(F, 1).sub(exp(q.fma(t, t).neg()));
        FloatVector s = x.mul(x);
        FloatVector p = FloatVector.broadcast(F, 0x1.4f9a32p-14f);
        p = p.fma(s, FloatVector.broadcast(F, -0x1.a61504p-11f));
        p = p.fma(s, FloatVector.broadcast(F, 0x1.544ad6p-8f));
        p = p.fma(s, FloatVector.broadcast(F, -0x1.b80122p-6f));
        p = p.fma(s, FloatVector.broadcast(F, 0x1.ce2d64p-4f));
        p = p.fma(s, FloatVector.broadcast(F, -0x1.812740p-2f));
        p = p.fma(s, FloatVector.broadcast(F, 0x1.06eba8p-3f));
        IntVector sign = x.reinterpretAsInts().lanewise(VectorOperators.AND, SIGN);
        far = far.reinterpretAsInts().lanewise(VectorOperators.OR, sign).reinterpretAsFloats();
        return far.blend(p.fma(x, x), t.compare(VectorOperators.LT, ERF_JOIN));
    }

    /// Sine of an angle in radians.
    public static FloatVector sin(FloatVector x) {
        return circle(x, 0);
    }

    /// Cosine of an angle in radians.
    public static FloatVector cos(FloatVector x) {
        return circle(x, 1);
    }

    /// `sin(x + quarters·π/2)` by `x = n·π/2 + r`, with π/2 in three parts (Cody, Waite 1980), all
    /// of one sign, so that −0 stays.
    private static FloatVector circle(FloatVector x, int quarters) {
        FloatVector shifted = x.fma(0.63661975f, ROUNDER);
        FloatVector n = shifted.sub(ROUNDER);
        FloatVector r = n.fma(FloatVector.broadcast(F, -0x1.921fb4p0f), x);
        r = n.fma(FloatVector.broadcast(F, -0x1.4442dp-24f), r);
        r = n.fma(FloatVector.broadcast(F, -0x1.84698ap-48f), r);
        FloatVector s = r.mul(r);
        FloatVector sine = sineNear(r, s);
        FloatVector cosine = cosineNear(s);
        IntVector quadrant = shifted.reinterpretAsInts().add(quarters);
        VectorMask<Float> odd = quadrant.lanewise(VectorOperators.AND, 1)
                .compare(VectorOperators.NE, 0)
                .cast(F);
        IntVector sign = quadrant.lanewise(VectorOperators.AND, 2).lanewise(VectorOperators.LSHL, 30);
        FloatVector result = sine.blend(cosine, odd)
                .reinterpretAsInts()
                .lanewise(VectorOperators.XOR, sign)
                .reinterpretAsFloats();
        VectorMask<Float> large = x.abs().compare(VectorOperators.GT, CIRCLE_LIMIT);
        return large.anyTrue() ? result.blend(circleOfLarge(x, quarters), large) : result;
    }

    /// `sin r` for `|r| ≤ π/4`, `s = r²`; off by at most `1.8e-10` of it.
    private static FloatVector sineNear(FloatVector r, FloatVector s) {
        FloatVector p = FloatVector.broadcast(F, 0x1.7a86b2p-19f);
        p = p.fma(s, FloatVector.broadcast(F, -0x1.a053f2p-13f));
        p = p.fma(s, FloatVector.broadcast(F, 0x1.111170p-7f));
        p = p.fma(s, FloatVector.broadcast(F, -0x1.555556p-3f));
        return p.fma(s, FloatVector.broadcast(F, 1)).mul(r);
    }

    /// `cos r` for `|r| ≤ π/4`, `s = r²`; off by at most `1.6e-10` of it.
    private static FloatVector cosineNear(FloatVector s) {
        FloatVector p = FloatVector.broadcast(F, 0x1.99911cp-16f);
        p = p.fma(s, FloatVector.broadcast(F, -0x1.6c0af4p-10f));
        p = p.fma(s, FloatVector.broadcast(F, 0x1.555548p-5f));
        p = p.fma(s, FloatVector.broadcast(F, -0.5f));
        return p.fma(s, FloatVector.broadcast(F, 1));
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
        IntVector whole = size.add(INTEGERS).sub(INTEGERS).reinterpretAsInts();
        IntVector sign = x.reinterpretAsInts().lanewise(VectorOperators.AND, SIGN);
        FloatVector signed = whole.lanewise(VectorOperators.OR, sign).reinterpretAsFloats();
        return x.blend(signed, size.compare(VectorOperators.LT, INTEGERS));
    }
}
