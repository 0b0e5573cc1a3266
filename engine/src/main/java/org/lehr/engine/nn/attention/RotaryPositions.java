package org.lehr.engine.nn.attention;

import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Rotary;

/// The angles of rotary position embedding (Su et al. 2021): position `p` turns pair `i` of `r` turning elements by
/// `p·base^(−2i/r)`. `x [b, h, t, d] → [b, h, t, d]`
public final class RotaryPositions implements Positions {

    private final long turning;
    private final RotaryScheme.Layout layout;
    private final Tensor cos;
    private final Tensor sin;

    /// @param positions how many positions there are
    /// @param width the width `d` of a head
    /// @throws IllegalArgumentException when the turning share of a head is not an even number of elements
    public RotaryPositions(long positions, long width, RotaryScheme scheme) {
        turning = Math.round(width * scheme.share());
        layout = scheme.layout();
        if (positions < 1 || turning < 2 || turning % 2 != 0) {
            throw new IllegalArgumentException("rotary: needs positive positions and an even number of turning elements"
                    + " in a head, got " + positions + " positions and " + turning + " of " + width + " elements");
        }
        int half = Math.toIntExact(turning / 2);
        float[] cosines = new float[Math.toIntExact(positions * half)];
        float[] sines = new float[cosines.length];
        for (int i = 0; i < half; i++) {
            double frequency = scheme.stretch().of(StrictMath.pow(scheme.base(), -2.0 * i / turning));
            for (int p = 0; p < positions; p++) {
                cosines[p * half + i] = (float) StrictMath.cos(p * frequency);
                sines[p * half + i] = (float) StrictMath.sin(p * frequency);
            }
        }
        cos = new Parameter(Tensor.of(cosines, positions, half)).own().detach();
        sin = new Parameter(Tensor.of(sines, positions, half)).own().detach();
    }

    /// `x` turned as the positions `from, from + 1, ...` demand.
    @Override
    public Tensor turn(Tensor x, long from) {
        long to = from + x.extent(-2);
        if (to > cos.extent(0)) {
            throw new IllegalArgumentException("rotary: position " + (to - 1) + " is beyond the " + cos.extent(0)
                    + " that the model was made for");
        }
        long width = x.extent(-1);
        if (turning == width) {
            return turned(x, from, to);
        }
        return Concat.concat(-1, turned(x.slice(-1, 0, turning), from, to), x.slice(-1, turning, width));
    }

    private Tensor turned(Tensor x, long from, long to) {
        Tensor cosines = cos.slice(0, from, to).to(x.dtype());
        Tensor sines = sin.slice(0, from, to).to(x.dtype());
        return switch (layout) {
            case HALVES -> Rotary.rotary(x, cosines, sines);
            case PAIRS -> regrouped(Rotary.rotary(regrouped(x, turning / 2, 2), cosines, sines), 2, turning / 2);
        };
    }

    /// Each head, read as a matrix of `rows` rows, transposed.
    private static Tensor regrouped(Tensor x, long rows, long columns) {
        long[] shape = x.shape().toArray();
        long[] split = java.util.Arrays.copyOf(shape, shape.length + 1);
        split[shape.length - 1] = rows;
        split[shape.length] = columns;
        return x.reshape(split).transpose(-1, -2).reshape(shape);
    }
}
