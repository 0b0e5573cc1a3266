package org.lehr.kernels.update;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// Block-wise dynamic quantisation (Dettmers, Lewis, Shleifer, Zettlemoyer 2022): a block of 256 numbers becomes its
/// largest magnitude and a byte for each, which names one of 256 values in `[−1, 1]`.
///
/// The values are 0, 1 and, for each power of ten from `10⁻⁶` to 1, the middles of equal parts of `[0.1, 1]` times it:
/// twice as many for each next one, half of them negative where signs are kept. A number takes the value that is
/// nearest. Where signs are not kept, a number above 0 takes none below the smallest that is not 0: it may divide.
public final class BlockCodeKernel {

    /// Elements of a block.
    public static final int BLOCK = 256;

    private static final float[] SIGNED = values(true);
    private static final float[] POSITIVE = values(false);
    private static final float[] SIGNED_BORDERS = borders(SIGNED);
    private static final float[] POSITIVE_BORDERS = borders(POSITIVE);

    private BlockCodeKernel() {}

    private static float[] values(boolean signed) {
        float[] values = new float[256];
        int count = 0;
        for (int power = 0; power < 7; power++) {
            int parts = 1 << (signed ? power : power + 1);
            double unit = Math.pow(10, power - 6);
            for (int part = 0; part < parts; part++) {
                float value = (float) (unit * (0.1 + 0.9 * (part + 0.5) / parts));
                values[count++] = value;
                if (signed) {
                    values[count++] = -value;
                }
            }
        }
        values[count++] = 0;
        values[count] = 1;
        Arrays.sort(values);
        return values;
    }

    /// `borders[i]` lies between values `i` and `i + 1`.
    private static float[] borders(float[] values) {
        float[] borders = new float[values.length - 1];
        for (int i = 0; i < borders.length; i++) {
            borders[i] = (values[i] + values[i + 1]) / 2;
        }
        return borders;
    }

    /// Codes `n` numbers, at most [#BLOCK].
    ///
    /// @param codes `[n]` bytes
    /// @param scales takes the largest magnitude at index `block`
    /// @param values `[n]` float32
    static void encode(
            MemorySegment codes, MemorySegment scales, long block, MemorySegment values, int n, boolean signed) {
        float largest = 0;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, Math.abs(values.getAtIndex(JAVA_FLOAT, i)));
        }
        scales.setAtIndex(JAVA_FLOAT, block, largest);
        float[] borders = signed ? SIGNED_BORDERS : POSITIVE_BORDERS;
        for (int i = 0; i < n; i++) {
            float value = values.getAtIndex(JAVA_FLOAT, i);
            int code = largest > 0 ? nearest(borders, value / largest) : nearest(borders, 0);
            if (!signed && value > 0 && code == 0) {
                code = 1;
            }
            codes.set(JAVA_BYTE, i, (byte) code);
        }
    }

    private static int nearest(float[] borders, float x) {
        int low = 0;
        int high = borders.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (borders[middle] < x) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /// The numbers that [#encode] coded.
    static void decode(MemorySegment values, MemorySegment codes, float scale, int n, boolean signed) {
        float[] table = signed ? SIGNED : POSITIVE;
        for (int i = 0; i < n; i++) {
            values.setAtIndex(JAVA_FLOAT, i, scale * table[codes.get(JAVA_BYTE, i) & 0xff]);
        }
    }
}
