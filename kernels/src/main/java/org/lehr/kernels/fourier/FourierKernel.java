package org.lehr.kernels.fourier;

import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;

/// The transform of a power of two of times by halving (Cooley, Tukey 1965), in double, for a block of channels at
/// once: a butterfly is a loop over channels. The path of float64 and of machines without vectors, and the judge of
/// [FourierVectors].
///
/// Two real signals are the real and the imaginary part of one complex signal. From its transform `Z` theirs are
/// `(Z[k] + conj Z[n − k])/2` and `(Z[k] − conj Z[n − k])/2i`.
final class FourierKernel implements FourierBlocks {

    private final int length;

    private final Twiddles table;

    FourierKernel(int length) {
        this.length = length;
        this.table = Twiddles.of(length);
    }

    /// Signals of channels `[from, to)` of sequence `n`: the first half of them as real parts, and the rest as
    /// imaginary ones.
    private final class Block {

        private final int from;
        private final int to;

        /// Complex signals, and real ones that have no partner.
        private final int pairs;

        private final int second;
        private final double[] re;
        private final double[] im;

        Block(int from, int to) {
            this.from = from;
            this.to = to;
            pairs = (to - from + 1) / 2;
            second = from + pairs;
            re = new double[length * pairs];
            im = new double[length * pairs];
        }

        void forward(View spectrum, View signal, long n) {
            Reals in = Reals.of(signal);
            Reals out = Reals.of(spectrum);
            long times = signal.shape()[1];
            long channels = signal.shape()[2];
            for (int t = 0; t < times; t++) {
                int row = reversed(t, length) * pairs;
                long at = (n * times + t) * channels;
                for (int c = from; c < to; c++) {
                    (c < second ? re : im)[row + (c - from) % pairs] = in.get(at + c);
                }
            }
            butterflies(1);
            for (int k = 0; k <= length / 2; k++) {
                int low = k * pairs;
                int high = (length - k) % length * pairs;
                long at = (n * (length / 2 + 1) + k) * channels;
                for (int j = 0; j < pairs; j++) {
                    out.put(2 * (at + from + j), (re[low + j] + re[high + j]) / 2);
                    out.put(2 * (at + from + j) + 1, (im[low + j] - im[high + j]) / 2);
                    if (second + j < to) {
                        out.put(2 * (at + second + j), (im[low + j] + im[high + j]) / 2);
                        out.put(2 * (at + second + j) + 1, (re[high + j] - re[low + j]) / 2);
                    }
                }
            }
        }

        void inverse(View signal, View spectrum, long n) {
            Reals in = Reals.of(spectrum);
            Reals out = Reals.of(signal);
            long times = signal.shape()[1];
            long channels = signal.shape()[2];
            for (int k = 0; k <= length / 2; k++) {
                int low = reversed(k, length) * pairs;
                int high = reversed((length - k) % length, length) * pairs;
                boolean real = k % (length / 2) == 0;
                long at = (n * (length / 2 + 1) + k) * channels;
                for (int j = 0; j < pairs; j++) {
                    boolean both = second + j < to;
                    double firstRe = in.get(2 * (at + from + j));
                    double firstIm = real ? 0 : in.get(2 * (at + from + j) + 1);
                    double secondRe = both ? in.get(2 * (at + second + j)) : 0;
                    double secondIm = both && !real ? in.get(2 * (at + second + j) + 1) : 0;
                    re[high + j] = firstRe + secondIm;
                    im[high + j] = secondRe - firstIm;
                    re[low + j] = firstRe - secondIm;
                    im[low + j] = firstIm + secondRe;
                }
            }
            butterflies(-1);
            for (int t = 0; t < times; t++) {
                long at = (n * times + t) * channels;
                for (int c = from; c < to; c++) {
                    out.put(at + c, (c < second ? re : im)[t * pairs + (c - from) % pairs] / length);
                }
            }
        }

        /// The transform of signals in reversed order, or with a `sign` of −1 its inverse times `length`.
        private void butterflies(int sign) {
            for (int half = 1; half < length; half *= 2) {
                int stride = length / 2 / half;
                for (int group = 0; group < length; group += 2 * half) {
                    for (int k = 0; k < half; k++) {
                        int low = (group + k) * pairs;
                        double sin = sign * table.sines()[k * stride];
                        butterfly(low, low + half * pairs, table.cosines()[k * stride], sin);
                    }
                }
            }
        }

        private void butterfly(int low, int high, double cos, double sin) {
            for (int j = 0; j < pairs; j++) {
                double turnedRe = re[high + j] * cos - im[high + j] * sin;
                double turnedIm = re[high + j] * sin + im[high + j] * cos;
                re[high + j] = re[low + j] - turnedRe;
                im[high + j] = im[low + j] - turnedIm;
                re[low + j] += turnedRe;
                im[low + j] += turnedIm;
            }
        }
    }

    /// `t` with its bits in reverse order.
    static int reversed(int t, int length) {
        return (int) (Integer.toUnsignedLong(Integer.reverse(t)) >>> (32 - Integer.numberOfTrailingZeros(length)));
    }

    @Override
    public void forward(View spectrum, View signal, long n, int from, int to) {
        new Block(from, to).forward(spectrum, signal, n);
    }

    @Override
    public void inverse(View signal, View spectrum, long n, int from, int to) {
        new Block(from, to).inverse(signal, spectrum, n);
    }
}
