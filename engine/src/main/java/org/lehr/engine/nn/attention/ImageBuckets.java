package org.lehr.engine.nn.attention;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.lehr.engine.tensor.Tensor;

/// How the offset between two patches of an image falls into a bucket (Wu et al. 2021). Distances up to `alpha` have a
/// bucket each, larger ones share them logarithmically: `g(x) = x` rounded for `|x| ≤ α`, else
/// `±min(β, α + ln(|x|/α)/ln(γ/α)·(β − α))` rounded.
///
/// @param rows of patches
/// @param columns of patches
/// @param classToken whether a place that is no patch comes first; its pairs have a bucket of their own
/// @param method what of an offset counts
/// @param alpha 1.9 is usual
/// @param beta the largest index: `2·alpha` is usual
/// @param gamma the distance from which on all share a bucket: `8·alpha` is usual
public record ImageBuckets(
        int rows, int columns, boolean classToken, Method method, double alpha, double beta, double gamma) {

    /// What of an offset counts.
    public enum Method {
        /// Its length, rounded.
        EUCLIDEAN,
        /// Its length, where every length that occurs within a square of the image has an index of its own.
        QUANTIZATION,
        /// Rows and columns separately, with a table for each, whose entries are added.
        CROSS,
        /// Rows and columns together.
        PRODUCT
    }

    public ImageBuckets {
        if (rows < 1 || columns < 1 || !(alpha > 0 && beta >= alpha && gamma > alpha)) {
            throw new IllegalArgumentException(
                    "image positions: needs patches, and 0 < alpha ≤ beta, alpha < gamma, got " + rows + " x " + columns
                            + ", " + alpha + ", " + beta + ", " + gamma);
        }
    }

    /// Offsets of rows and columns together, with the usual 1.9, 3.8 and 15.2: 49 buckets, and one for the class
    /// token.
    public static ImageBuckets product(int rows, int columns, boolean classToken) {
        return new ImageBuckets(rows, columns, classToken, Method.PRODUCT, 1.9, 3.8, 15.2);
    }

    /// `g(x)`
    int index(double x) {
        double size = Math.abs(x);
        if (size <= alpha) {
            return (int) Math.rint(x);
        }
        double far = alpha + StrictMath.log(size / alpha) / StrictMath.log(gamma / alpha) * (beta - alpha);
        return (int) (Math.signum(x) * Math.min((int) beta, Math.rint(far)));
    }

    private int side() {
        return 2 * (int) beta + 1;
    }

    /// How many buckets there are.
    public int count() {
        int patches = method == Method.PRODUCT ? side() * side() : side();
        return patches + (classToken ? 1 : 0);
    }

    /// How many places there are.
    public long length() {
        return (long) rows * columns + (classToken ? 1 : 0);
    }

    /// The bucket of each pair, once for each table. `[places, places]`
    Tensor[] places() {
        int tables = method == Method.CROSS ? 2 : 1;
        int[] lengths = method == Method.QUANTIZATION ? squaredLengths() : null;
        return IntStream.range(0, tables).mapToObj(i -> places(i, lengths)).toArray(Tensor[]::new);
    }

    private Tensor places(int table, int... lengths) {
        int all = Math.toIntExact(length());
        int first = classToken ? 1 : 0;
        long[] places = new long[all * all];
        Arrays.fill(places, count() - 1);
        for (int i = first; i < all; i++) {
            for (int j = first; j < all; j++) {
                int down = (i - first) / columns - (j - first) / columns;
                int right = (i - first) % columns - (j - first) % columns;
                places[i * all + j] = bucket(table, down, right, lengths);
            }
        }
        return Tensor.of(places, all, all);
    }

    private int bucket(int table, int down, int right, int... lengths) {
        int middle = (int) beta;
        int squared = down * down + right * right;
        return switch (method) {
            case EUCLIDEAN -> middle + index(Math.rint(Math.sqrt(squared)));
            case QUANTIZATION -> middle + index(Arrays.binarySearch(lengths, squared));
            case CROSS -> middle + index(table == 0 ? down : right);
            case PRODUCT -> (middle + index(down)) * side() + middle + index(right);
        };
    }

    /// The squares of all lengths that occur, in order.
    private int[] squaredLengths() {
        return IntStream.range(0, rows * columns)
                .map(i -> (i / columns) * (i / columns) + (i % columns) * (i % columns))
                .distinct()
                .sorted()
                .toArray();
    }
}
