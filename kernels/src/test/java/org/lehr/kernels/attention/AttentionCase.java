package org.lehr.kernels.attention;

import java.util.Random;
import org.lehr.kernels.AttentionKernels;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;

/// Inputs and room for the results of one attention call.
final class AttentionCase {

    /// How to form a case.
    ///
    /// @param softCap see the mask
    /// @param causal see the mask
    /// @param window see the mask
    /// @param bias `none`, `full`, `heads` (repeated over batch and queries), `holes` (full, with some −∞) or
    ///     `blind` (`holes`, where every other query sees nothing)
    /// @param padding whether some keys are hidden
    /// @param transposed whether the tensors are `[b, t, h, d]` seen transposed
    /// @param size of the scores, about
    record Form(
            Sizes sizes,
            double softCap,
            boolean causal,
            long window,
            String bias,
            boolean padding,
            boolean transposed,
            double size,
            long seed) {

        Form(int b, int h, int g, int t, int s, int d, int e, boolean causal) {
            this(new Sizes(b, h, g, t, s, d, e), 0, causal, 0, "none", false, true, 1, 1);
        }

        Form capped(double cap) {
            return new Form(sizes, cap, causal, window, bias, padding, transposed, size, seed);
        }
    }

    final View q;
    final View k;
    final View v;
    final View dOut;
    final View out;
    final View logSumExp;
    final View dq;
    final View dk;
    final View dv;
    final View dBias;
    final Mask mask;

    private final Random random;

    AttentionCase(Form form, DType dtype) {
        Sizes z = form.sizes();
        random = new Random(form.seed());
        boolean transposed = form.transposed();
        q = view(dtype, transposed, z.b(), z.h(), z.t(), z.d());
        k = view(dtype, transposed, z.b(), z.g(), z.s(), z.d());
        v = view(dtype, transposed, z.b(), z.g(), z.s(), z.e());
        dOut = view(dtype, transposed, z.b(), z.h(), z.t(), z.e());
        out = view(dtype, transposed, z.b(), z.h(), z.t(), z.e());
        dq = view(dtype, transposed, z.b(), z.h(), z.t(), z.d());
        dk = view(dtype, transposed, z.b(), z.g(), z.s(), z.d());
        dv = view(dtype, transposed, z.b(), z.g(), z.s(), z.e());
        logSumExp = dense(dtype == DType.BFLOAT16 ? DType.FLOAT32 : dtype, z.b(), z.h(), z.t());
        View bias = bias(form, dtype);
        dBias = bias == null ? null : dense(dtype, z.b(), z.h(), z.t(), z.s());
        double scale = form.size() / Math.sqrt(Math.max(1, z.d()));
        mask = new Mask(scale, form.softCap(), form.causal(), form.window(), bias, padding(form));
    }

    private View bias(Form form, DType dtype) {
        Sizes z = form.sizes();
        return switch (form.bias()) {
            case "none" -> null;
            case "full" -> dense(dtype, z.b(), z.h(), z.t(), z.s());
            case "heads" -> {
                View small = dense(dtype, z.h(), z.s());
                long[] shape = {z.b(), z.h(), z.t(), z.s()};
                yield new View(small.storage(), dtype, small.offset(), shape, new long[] {0, z.s(), 0, 1});
            }
            case "holes", "blind" -> {
                View full = dense(dtype, z.b(), z.h(), z.t(), z.s());
                for (long i = 0; i < full.size(); i++) {
                    boolean blind = form.bias().equals("blind") && i / z.s() % 2 == 1;
                    if (blind || random.nextInt(3) == 0) {
                        Rows.set(full, full.offset() + i, Double.NEGATIVE_INFINITY);
                    }
                }
                yield full;
            }
            default -> throw new IllegalArgumentException(form.bias());
        };
    }

    private View padding(Form form) {
        Sizes z = form.sizes();
        if (!form.padding()) {
            return null;
        }
        View hidden = View.rowMajor(Pool.host().allocate(Math.max(1, z.b() * z.s()), "test"), DType.BOOL, z.b(), z.s());
        for (long i = 0; i < hidden.size(); i++) {
            hidden.storage().segment().set(java.lang.foreign.ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(2));
        }
        return hidden;
    }

    /// A dense view, three elements into its storage, of normal numbers.
    private View dense(DType dtype, long... shape) {
        View plain = new View(null, dtype, 3, shape, View.rowMajorStrides(shape));
        Storage storage = Pool.host().allocate((plain.size() + 3) * dtype.bytes(), "test");
        View view = new View(storage, dtype, 3, shape, plain.strides());
        for (long i = 0; i < view.size(); i++) {
            Rows.set(view, 3 + i, random.nextGaussian());
        }
        return view;
    }

    private View view(DType dtype, boolean transposed, long b, long h, long t, long d) {
        if (!transposed) {
            return dense(dtype, b, h, t, d);
        }
        View view = dense(dtype, b, t, h, d);
        long[] strides = view.strides();
        return new View(view.storage(), dtype, view.offset(), new long[] {b, h, t, d}, new long[] {
            strides[0], strides[2], strides[1], strides[3]
        });
    }

    void forward(AttentionKernels kernels) {
        kernels.forward(out, logSumExp, q, k, v, mask);
    }

    void backward(AttentionKernels kernels) {
        kernels.backward(dq, dk, dv, dBias, dOut, out, logSumExp, q, k, v, mask);
    }

    void referenceForward() {
        AttentionKernel.reference(Call.of(out, logSumExp, q, k, v, mask));
    }

    void referenceBackward() {
        AttentionKernel.referenceBackward(
                Call.of(out, logSumExp, q, k, v, mask), new Gradients(dOut, dq, dk, dv, dBias));
    }

    /// The elements of a view in row-major order.
    static double[] values(View view) {
        double[] values = new double[(int) view.size()];
        long[] index = new long[view.rank()];
        for (int n = 0; n < values.length; n++) {
            long place = view.offset();
            long rest = n;
            for (int dim = view.rank() - 1; dim >= 0; dim--) {
                index[dim] = rest % view.shape()[dim];
                rest /= view.shape()[dim];
                place += index[dim] * view.strides()[dim];
            }
            values[n] = Rows.get(view, place);
        }
        return values;
    }
}
