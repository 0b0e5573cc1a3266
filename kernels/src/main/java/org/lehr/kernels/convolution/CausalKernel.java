package org.lehr.kernels.convolution;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.lehr.kernels.ConvolutionKernels.Causal;
import org.lehr.kernels.ConvolutionKernels.CausalGradients;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.lanes.VectorMath;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// The causal convolution along time in float32, vectors along the channels; for filters of 2 to 4 elements.
///
/// Rows of all channels are computed one time after another, so that the rows before are still in the first
/// level of the cache. A piece is [#TIMES] times of one sequence. What the first times see of the state
/// stands, with the first rows of `x` behind it, in a copy of a few rows.
///
/// The gradient takes `g = dy·f'(z)` for a piece and the times behind it; the gradient of `x` is the same
/// convolution with turned filters over `g`, and those of the filters are sums of a piece, added in order at
/// the end.
final class CausalKernel {

    private static final int TIMES = 64;
    private static final int WIDEST = 4;

    private final View x;
    private final Causal form;
    private final int batch;
    private final int times;
    private final int channels;
    private final int width;

    /// Bytes of a row.
    private final long row;

    /// Pieces of a sequence.
    private final int pieces;

    /// Rows of filters, oldest first, and the bias; then the filters turned.
    private final MemorySegment filters;

    private final MemorySegment turned;

    private CausalKernel(View x, Causal form, MemorySegment filters) {
        this.x = x;
        this.form = form;
        this.batch = Math.toIntExact(x.shape()[0]);
        this.times = Math.toIntExact(x.shape()[1]);
        this.channels = Math.toIntExact(x.shape()[2]);
        this.width = Math.toIntExact(form.width());
        this.row = 4L * channels;
        this.pieces = Math.ceilDiv(times, TIMES);
        this.filters = filters;
        this.turned = filters.asSlice((width + 1) * row);
        arrange();
    }

    static boolean suits(View x, Causal form) {
        return Lanes.available() && x.dtype() == DType.FLOAT32 && form.width() >= 2 && form.width() <= WIDEST;
    }

    static void forward(View y, View x, Causal form) {
        with(x, form, kernel -> kernel.forward(y));
    }

    static void backward(CausalGradients out, View dy, View x, Causal form) {
        with(x, form, kernel -> kernel.backward(out, dy));
    }

    private static void with(View x, Causal form, java.util.function.Consumer<CausalKernel> work) {
        Storage filters = scratch((form.width() + 1) * 2 * x.shape()[2]);
        try {
            work.accept(new CausalKernel(x, form, filters.segment()));
        } finally {
            filters.release();
        }
    }

    private static Storage scratch(long floats) {
        return Pool.host().allocate(4 * floats, "causal convolution: rows");
    }

    private void arrange() {
        MemorySegment weight = at(form.weight(), 0);
        for (int c = 0; c < channels; c++) {
            for (int j = 0; j < width; j++) {
                float w = weight.getAtIndex(JAVA_FLOAT, (long) c * width + j);
                filters.setAtIndex(JAVA_FLOAT, (long) j * channels + c, w);
                turned.setAtIndex(JAVA_FLOAT, (long) (width - 1 - j) * channels + c, w);
            }
        }
        MemorySegment bias = filters.asSlice(width * row, row);
        if (form.bias() == null) {
            bias.fill((byte) 0);
        } else {
            bias.copyFrom(at(form.bias(), 0).asSlice(0, row));
        }
        turned.asSlice(width * row, row).fill((byte) 0);
    }

    private static MemorySegment at(View view, long bytes) {
        return view.storage().segment().asSlice(view.byteOffset() + bytes);
    }

    private void forward(View y) {
        Workers.current().forRange((long) batch * pieces, 1, (from, to) -> {
            for (long piece = from; piece < to; piece++) {
                long n = piece / pieces;
                int first = (int) (piece % pieces) * TIMES;
                int count = Math.min(TIMES, times - first);
                MemorySegment out = at(y, (n * times + first) * row).asSlice(0, count * row);
                before(out, n, first, count);
                if (form.silu()) {
                    Simd.silu(out, count * (long) channels);
                }
            }
        });
    }

    /// `z` of `count` times of sequence `n`.
    private void before(MemorySegment out, long n, int first, int count) {
        int head = Math.clamp((long) width - 1 - first, 0, count);
        if (head > 0) {
            Storage rows = head(n, head);
            try {
                Simd.convolve(out, rows.segment(), filters, width, head, channels);
            } finally {
                rows.release();
            }
        }
        if (count > head) {
            MemorySegment seen = at(x, (n * times + first + head - (width - 1)) * row);
            Simd.convolve(out.asSlice(head * row), seen, filters, width, count - head, channels);
        }
    }

    /// The state's rows, or zeros, and `head` rows of `x` behind them.
    private Storage head(long n, int head) {
        Storage rows = scratch((width - 1L + head) * channels);
        MemorySegment segment = rows.segment();
        if (form.state() == null) {
            segment.asSlice(0, (width - 1) * row).fill((byte) 0);
        } else {
            MemorySegment.copy(at(form.state(), n * (width - 1) * row), 0, segment, 0, (width - 1) * row);
        }
        MemorySegment.copy(at(x, n * times * row), 0, segment, (width - 1) * row, head * row);
        return rows;
    }

    private void backward(CausalGradients out, View dy) {
        long sums = (width + 1L) * channels;
        Storage partial = scratch(sums * batch * pieces);
        try {
            Workers.current().forRange((long) batch * pieces, 1, (from, to) -> {
                for (long piece = from; piece < to; piece++) {
                    MemorySegment sum = partial.segment().asSlice(piece * sums * 4, sums * 4);
                    piece(out, dy, sum, piece / pieces, (int) (piece % pieces) * TIMES);
                }
            });
            collect(out, partial.segment(), sums);
        } finally {
            partial.release();
        }
    }

    private void piece(CausalGradients out, View dy, MemorySegment sum, long n, int first) {
        int count = Math.min(TIMES, times - first);
        int behind = Math.min(width - 1, times - first - count);
        // The rows before the first serve the state's gradient: nothing came out at those times.
        int ahead = first == 0 ? width - 1 : 0;
        Storage rows = scratch((long) (ahead + count + width - 1) * channels);
        try {
            MemorySegment all = rows.segment();
            MemorySegment g = all.asSlice(ahead * row);
            all.asSlice(0, ahead * row).fill((byte) 0);
            g.asSlice((count + behind) * row).fill((byte) 0);
            MemorySegment slopes = at(dy, (n * times + first) * row);
            if (form.silu()) {
                before(g.asSlice(0, (count + behind) * row), n, first, count + behind);
                Simd.slopes(g, slopes, (count + behind) * (long) channels);
            } else {
                MemorySegment.copy(slopes, 0, g, 0, (count + behind) * row);
            }
            Simd.convolve(at(out.dx(), (n * times + first) * row), g, turned, width, count, channels);
            if (first == 0 && out.dState() != null) {
                MemorySegment before = at(out.dState(), n * (width - 1) * row);
                Simd.convolve(before, all, turned, width, width - 1, channels);
            }
            sum.fill((byte) 0);
            sums(sum, g, n, first, count);
        } finally {
            rows.release();
        }
    }

    private void sums(MemorySegment sum, MemorySegment g, long n, int first, int count) {
        int head = Math.clamp((long) width - 1 - first, 0, count);
        if (head > 0) {
            Storage rows = head(n, head);
            try {
                Simd.sums(sum, g, rows.segment(), width, head, channels);
            } finally {
                rows.release();
            }
        }
        if (count > head) {
            MemorySegment seen = at(x, (n * times + first + head - (width - 1)) * row);
            Simd.sums(sum, g.asSlice(head * row), seen, width, count - head, channels);
        }
    }

    private void collect(CausalGradients out, MemorySegment partial, long sums) {
        MemorySegment dWeight = at(out.dWeight(), 0);
        for (int c = 0; c < channels; c++) {
            for (int j = 0; j <= width; j++) {
                double sum = 0;
                for (int piece = 0; piece < batch * pieces; piece++) {
                    sum += partial.getAtIndex(JAVA_FLOAT, piece * sums + (long) j * channels + c);
                }
                if (j < width) {
                    dWeight.setAtIndex(JAVA_FLOAT, (long) c * width + j, (float) sum);
                } else if (out.dBias() != null) {
                    at(out.dBias(), 0).setAtIndex(JAVA_FLOAT, c, (float) sum);
                }
            }
        }
    }

    private static final class Simd {

        private static final VectorSpecies<Float> F32 = Species.F32;
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();
        private static final int LANES = F32.length();

        private static FloatVector load(MemorySegment segment, long index) {
            return FloatVector.fromMemorySegment(F32, segment, 4 * index, ORDER);
        }

        /// `out[r] = filters[width] + Σ_j filters[j]·in[r + j]`, rows of `n` channels.
        static void convolve(MemorySegment out, MemorySegment in, MemorySegment filters, int width, int rows, int n) {
            MemorySegment y = NativeMemory.of(out);
            MemorySegment x = NativeMemory.of(in);
            MemorySegment w = NativeMemory.of(filters);
            for (int r = 0; r < rows; r++) {
                long at = (long) r * n;
                int done = switch (width) {
                    case 2 -> two(y, x, w, at, n);
                    case 3 -> three(y, x, w, at, n);
                    default -> four(y, x, w, at, n);
                };
                for (int c = done; c < n; c++) {
                    float sum = w.getAtIndex(JAVA_FLOAT, (long) width * n + c);
                    for (int j = 0; j < width; j++) {
                        float filter = w.getAtIndex(JAVA_FLOAT, (long) j * n + c);
                        sum = Math.fma(x.getAtIndex(JAVA_FLOAT, at + (long) j * n + c), filter, sum);
                    }
                    y.setAtIndex(JAVA_FLOAT, at + c, sum);
                }
            }
        }

        private static int two(MemorySegment y, MemorySegment x, MemorySegment w, long at, int n) {
            int c = 0;
            for (; c <= n - LANES; c += LANES) {
                FloatVector sum = load(x, at + c).fma(load(w, c), load(w, 2L * n + c));
                load(x, at + n + c).fma(load(w, (long) n + c), sum).intoMemorySegment(y, 4 * (at + c), ORDER);
            }
            return c;
        }

        private static int three(MemorySegment y, MemorySegment x, MemorySegment w, long at, int n) {
            int c = 0;
            for (; c <= n - LANES; c += LANES) {
                FloatVector sum = load(x, at + c).fma(load(w, c), load(w, 3L * n + c));
                sum = load(x, at + n + c).fma(load(w, (long) n + c), sum);
                load(x, at + 2L * n + c).fma(load(w, 2L * n + c), sum).intoMemorySegment(y, 4 * (at + c), ORDER);
            }
            return c;
        }

        private static int four(MemorySegment y, MemorySegment x, MemorySegment w, long at, int n) {
            int c = 0;
            for (; c <= n - LANES; c += LANES) {
                FloatVector sum = load(x, at + c).fma(load(w, c), load(w, 4L * n + c));
                sum = load(x, at + n + c).fma(load(w, (long) n + c), sum);
                sum = load(x, at + 2L * n + c).fma(load(w, 2L * n + c), sum);
                load(x, at + 3L * n + c).fma(load(w, 3L * n + c), sum).intoMemorySegment(y, 4 * (at + c), ORDER);
            }
            return c;
        }

        /// `z = z·σ(z)`
        static void silu(MemorySegment inOut, long count) {
            MemorySegment z = NativeMemory.of(inOut);
            long i = 0;
            for (; i <= count - LANES; i += LANES) {
                FloatVector value = load(z, i);
                VectorMath.sigmoid(value).mul(value).intoMemorySegment(z, 4 * i, ORDER);
            }
            for (; i < count; i++) {
                FloatVector value = FloatVector.broadcast(F32, z.getAtIndex(JAVA_FLOAT, i));
                z.setAtIndex(JAVA_FLOAT, i, VectorMath.sigmoid(value).mul(value).lane(0));
            }
        }

        /// `z = dy·f'(z)` with `f'(z) = σ·(1 + z·(1 − σ))`
        static void slopes(MemorySegment inOut, MemorySegment dOut, long count) {
            MemorySegment z = NativeMemory.of(inOut);
            MemorySegment dy = NativeMemory.of(dOut);
            long i = 0;
            for (; i <= count - LANES; i += LANES) {
                slope(load(z, i)).mul(load(dy, i)).intoMemorySegment(z, 4 * i, ORDER);
            }
            for (; i < count; i++) {
                FloatVector value = FloatVector.broadcast(F32, z.getAtIndex(JAVA_FLOAT, i));
                z.setAtIndex(JAVA_FLOAT, i, slope(value).lane(0) * dy.getAtIndex(JAVA_FLOAT, i));
            }
        }

        private static FloatVector slope(FloatVector z) {
            FloatVector s = VectorMath.sigmoid(z);
            FloatVector rest = FloatVector.broadcast(F32, 1).sub(s);
            return rest.fma(z, FloatVector.broadcast(F32, 1)).mul(s);
        }

        /// `sum[j] += Σ_r g[r]·in[r + j]` and `sum[width] += Σ_r g[r]`
        static void sums(MemorySegment sum, MemorySegment g, MemorySegment in, int width, int rows, int n) {
            MemorySegment s = NativeMemory.of(sum);
            MemorySegment slopes = NativeMemory.of(g);
            MemorySegment x = NativeMemory.of(in);
            int c = 0;
            for (; c <= n - LANES; c += LANES) {
                pairs(s, slopes, x, c, 0, rows, n);
                if (width == 4) {
                    pairs(s, slopes, x, c, 2, rows, n);
                } else if (width == 3) {
                    last(s, slopes, x, c, rows, n);
                }
                bias(s, slopes, c, width, rows, n);
            }
            for (; c < n; c++) {
                for (int j = 0; j <= width; j++) {
                    float total = s.getAtIndex(JAVA_FLOAT, (long) j * n + c);
                    for (int r = 0; r < rows; r++) {
                        float slope = slopes.getAtIndex(JAVA_FLOAT, (long) r * n + c);
                        total = j == width
                                ? total + slope
                                : Math.fma(slope, x.getAtIndex(JAVA_FLOAT, (long) (r + j) * n + c), total);
                    }
                    s.setAtIndex(JAVA_FLOAT, (long) j * n + c, total);
                }
            }
        }

        /// Elements `j` and `j + 1` of the filters of [#LANES] channels.
        private static void pairs(MemorySegment s, MemorySegment g, MemorySegment x, int c, int j, int rows, int n) {
            FloatVector one = load(s, (long) j * n + c);
            FloatVector two = load(s, (long) (j + 1) * n + c);
            for (int r = 0; r < rows; r++) {
                FloatVector slope = load(g, (long) r * n + c);
                one = slope.fma(load(x, (long) (r + j) * n + c), one);
                two = slope.fma(load(x, (long) (r + j + 1) * n + c), two);
            }
            one.intoMemorySegment(s, 4 * ((long) j * n + c), ORDER);
            two.intoMemorySegment(s, 4 * ((long) (j + 1) * n + c), ORDER);
        }

        /// Element 2 of the filters of [#LANES] channels.
        private static void last(MemorySegment s, MemorySegment g, MemorySegment x, int c, int rows, int n) {
            FloatVector sum = load(s, 2L * n + c);
            for (int r = 0; r < rows; r++) {
                sum = load(g, (long) r * n + c).fma(load(x, (long) (r + 2) * n + c), sum);
            }
            sum.intoMemorySegment(s, 4 * (2L * n + c), ORDER);
        }

        private static void bias(MemorySegment s, MemorySegment g, int c, int width, int rows, int n) {
            FloatVector sum = load(s, (long) width * n + c);
            for (int r = 0; r < rows; r++) {
                sum = sum.add(load(g, (long) r * n + c));
            }
            sum.intoMemorySegment(s, 4 * ((long) width * n + c), ORDER);
        }
    }
}
