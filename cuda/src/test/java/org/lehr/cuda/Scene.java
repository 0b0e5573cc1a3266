package org.lehr.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// The arrays of one call on one backend. Two scenes of one seed make the same arrays, so that what a call leaves on
/// two
/// backends can be compared.
final class Scene {

    private final Backend backend;
    private final SplittableRandom random;
    private final List<View> results = new ArrayList<>();

    Scene(Backend backend, long seed) {
        this.backend = backend;
        this.random = new SplittableRandom(seed);
    }

    Backend backend() {
        return backend;
    }

    /// Normal numbers for floating dtypes, small whole numbers else, dense.
    View input(DType dtype, long... shape) {
        return input(dtype, false, shape);
    }

    /// As [#input(DType, long...)], with gaps between the elements, and the dimensions in memory the other way
    /// round.
    View strided(DType dtype, long... shape) {
        return place(dtype, values(dtype, size(shape), false), shape);
    }

    /// Normal numbers among which are NaN, infinities and zeros of both signs.
    View special(DType dtype, long... shape) {
        return input(dtype, true, shape);
    }

    /// Numbers above 0.
    View positive(DType dtype, long... shape) {
        double[] values = values(dtype, size(shape), false);
        return dense(dtype, Arrays.stream(values).map(x -> Math.abs(x) + 0.1).toArray(), shape);
    }

    /// Whole numbers in `[0, limit)`.
    View indices(DType dtype, long limit, long... shape) {
        double[] values = new double[Math.toIntExact(size(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextLong(limit);
        }
        return dense(dtype, values, shape);
    }

    View dense(DType dtype, double[] values, long... shape) {
        Storage storage = allocate(dtype, values.length);
        View view = View.rowMajor(storage, dtype, shape);
        backend.upload(view, Numbers.pack(dtype, values));
        return view;
    }

    /// A dense array for the call to write, which is compared.
    View output(DType dtype, long... shape) {
        return result(View.rowMajor(allocate(dtype, size(shape)), dtype, shape));
    }

    /// As [#output], with gaps between the elements, and the dimensions in memory the other way round.
    View stridedOutput(DType dtype, long... shape) {
        long[] strides = stretched(shape);
        return result(new View(allocate(dtype, span(shape, strides)), dtype, 1, shape, strides));
    }

    /// Compares what stands here after the call.
    View result(View view) {
        results.add(view);
        return view;
    }

    /// A number that the call gave back.
    void result(double value) {
        result(dense(DType.FLOAT64, new double[] {value}, 1));
    }

    /// The elements of all results.
    List<double[]> results() {
        return results.stream().map(this::read).toList();
    }

    List<DType> dtypes() {
        return results.stream().map(View::dtype).toList();
    }

    private double[] read(View view) {
        View dense = View.rowMajor(allocate(view.dtype(), view.size()), view.dtype(), view.shape());
        backend.pointwise().copy(dense, view);
        MemorySegment host = MemorySegment.ofArray(
                        new long[Math.toIntExact((view.size() * view.dtype().bytes() + 7) / 8)])
                .asSlice(0, view.size() * view.dtype().bytes());
        backend.download(host, dense);
        return Numbers.unpack(view.dtype(), host);
    }

    private View input(DType dtype, boolean special, long... shape) {
        return dense(dtype, values(dtype, size(shape), special), shape);
    }

    private View place(DType dtype, double[] values, long... shape) {
        long[] strides = stretched(shape);
        double[] spread = new double[Math.toIntExact(span(shape, strides))];
        long[] index = new long[shape.length];
        for (double value : values) {
            long at = 1;
            for (int d = 0; d < shape.length; d++) {
                at += index[d] * strides[d];
            }
            spread[Math.toIntExact(at)] = value;
            for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
                index[d] = 0;
            }
        }
        View whole = dense(dtype, spread, spread.length);
        return new View(whole.storage(), dtype, 1, shape, strides);
    }

    private double[] values(DType dtype, long count, boolean special) {
        double[] strange = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0, -0.0, 1e-30, 3e38};
        double[] values = new double[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (dtype) {
                case FLOAT32, FLOAT64, BFLOAT16 ->
                    special && random.nextInt(3) == 0 ? strange[random.nextInt(strange.length)] : normal();
                case INT64, INT32 -> random.nextInt(-9, 10);
                case UINT8 -> random.nextInt(10);
                case BOOL -> random.nextInt(2);
            };
        }
        return values;
    }

    private double normal() {
        return Math.sqrt(-2 * Math.log(1 - random.nextDouble())) * Math.cos(2 * Math.PI * random.nextDouble());
    }

    private Storage allocate(DType dtype, long count) {
        return backend.allocate(dtype.bytes() * count, "conformance");
    }

    /// Column-major strides with a gap behind each element.
    private static long[] stretched(long[] shape) {
        long[] strides = new long[shape.length];
        long step = 2;
        for (int d = 0; d < shape.length; d++) {
            strides[d] = step;
            step *= Math.max(1, shape[d]);
        }
        return strides;
    }

    private static long span(long[] shape, long[] strides) {
        long last = 1;
        for (int d = 0; d < shape.length; d++) {
            last += Math.max(0, shape[d] - 1) * strides[d];
        }
        return last + 1;
    }

    private static long size(long[] shape) {
        return Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    }
}
