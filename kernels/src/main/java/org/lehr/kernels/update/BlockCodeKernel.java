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
    private static final Codes SIGNED_CODES = Codes.of(SIGNED);
    private static final Codes POSITIVE_CODES = Codes.of(POSITIVE);

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

    /// Finds the nearest value.
    ///
    /// @param borders `borders[i]` lies between values `i` and `i + 1`
    /// @param first by the upper 16 bits of a number, the code of the smallest number that has them
    private record Codes(float[] borders, byte[] first) {

        static Codes of(float[] values) {
            float[] borders = new float[values.length - 1];
            for (int i = 0; i < borders.length; i++) {
                borders[i] = (values[i] + values[i + 1]) / 2;
            }
            byte[] first = new byte[1 << 16];
            for (int upper = 0; upper < first.length; upper++) {
                float smallest = Float.intBitsToFloat(upper << 16 | (upper < 1 << 15 ? 0 : 0xffff));
                int place = Arrays.binarySearch(borders, smallest);
                first[upper] = (byte) Math.min(255, place < 0 ? -place - 1 : place);
            }
            return new Codes(borders, first);
        }

        int nearest(float x) {
            int code = first[Float.floatToRawIntBits(x) >>> 16] & 0xff;
            while (code < borders.length && borders[code] < x) {
                code++;
            }
            return code;
        }
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
        Codes table = signed ? SIGNED_CODES : POSITIVE_CODES;
        float inverse = largest > 0 ? 1 / largest : 0;
        for (int i = 0; i < n; i++) {
            float value = values.getAtIndex(JAVA_FLOAT, i);
            // Where the inverse overflows, the numbers are too small for one.
            int code = table.nearest(inverse < Float.MAX_VALUE ? value * inverse : value / largest);
            codes.set(JAVA_BYTE, i, (byte) (!signed && value > 0 && code == 0 ? 1 : code));
        }
    }

    /// The numbers that [#encode] coded.
    static void decode(MemorySegment values, MemorySegment codes, float scale, int n, boolean signed) {
        float[] table = signed ? SIGNED : POSITIVE;
        for (int i = 0; i < n; i++) {
            values.setAtIndex(JAVA_FLOAT, i, scale * table[codes.get(JAVA_BYTE, i) & 0xff]);
        }
    }
}
