package org.lehr.engine.nn;

import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Rotary;

/// The angles of rotary position embedding (Su et al. 2021): position `p` turns pair `i` by `p·base^(−2i/d)`.
/// `x [b, h, t, d] → [b, h, t, d]`
public final class RotaryPositions {

    private final Tensor cos;
    private final Tensor sin;

    /// @param positions how many positions there are
    /// @param width the width `d` of a head, even
    /// @param base 10,000 is usual
    public RotaryPositions(long positions, long width, double base) {
        if (positions < 1 || width < 2 || width % 2 != 0 || !(base > 1)) {
            throw new IllegalArgumentException("rotary: needs positive positions, an even head width and a base above"
                    + " 1, got " + positions + ", " + width + ", " + base);
        }
        int half = Math.toIntExact(width / 2);
        float[] cosines = new float[Math.toIntExact(positions * half)];
        float[] sines = new float[cosines.length];
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                double angle = p * StrictMath.pow(base, -2.0 * i / width);
                cosines[p * half + i] = (float) StrictMath.cos(angle);
                sines[p * half + i] = (float) StrictMath.sin(angle);
            }
        }
        cos = new Parameter(Tensor.of(cosines, positions, half)).own().detach();
        sin = new Parameter(Tensor.of(sines, positions, half)).own().detach();
    }

    /// `x` turned as the positions `from, from + 1, ...` demand.
    public Tensor rotate(Tensor x, long from) {
        long to = from + x.extent(-2);
        if (to > cos.extent(0)) {
            throw new IllegalArgumentException("rotary: position " + (to - 1) + " is beyond the " + cos.extent(0)
                    + " that the model was made for");
        }
        return Rotary.rotary(
                x, cos.slice(0, from, to).to(x.dtype()), sin.slice(0, from, to).to(x.dtype()));
    }
}
