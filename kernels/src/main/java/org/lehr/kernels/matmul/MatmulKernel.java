package org.lehr.kernels.matmul;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.lehr.kernels.DType;
import org.lehr.kernels.MatmulKernels.Activation;
import org.lehr.kernels.MatmulKernels.Epilogue;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.pointwise.Gelu;
import org.lehr.kernels.pointwise.GeluTanh;
import org.lehr.kernels.pointwise.Relu;
import org.lehr.kernels.pointwise.Silu;
import org.lehr.kernels.pointwise.UnaryOp;

/// `c = activation(scale·a·b + bias) + residual` over stacks of matrices.
public final class MatmulKernel {

    private MatmulKernel() {}

    /// The definition, any strides and floating dtypes, sums in double.
    /// `a [..., m, k], b [..., k, n] → c [..., m, n]`
    public static void reference(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        Stack left = new Stack(a);
        Stack right = new Stack(b);
        Stack result = new Stack(c);
        for (long batch = 0; batch < result.batches(); batch++) {
            Matrix x = left.matrix(batch);
            Matrix y = right.matrix(batch);
            for (long i = 0; i < result.rows(); i++) {
                for (long j = 0; j < result.columns(); j++) {
                    double sum = 0;
                    for (long p = 0; p < left.columns(); p++) {
                        sum += at(a.dtype(), x, i, p) * at(b.dtype(), y, p, j);
                    }
                    finish(c, batch, i, j, sum, accumulate, epilogue);
                }
            }
        }
    }

    /// As [#reference], with sums in the dtype of `c` (float32 for bfloat16), in an order that depends on the sizes
    /// and strides alone. Factors of bfloat16 are widened as they are packed: the result has the bits of a float32
    /// product of their values at the same strides.
    ///
    /// Strides are free, except that the last one of `c` must be 1 unless it has one column.
    public static void forward(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        check(c, a, b, accumulate, epilogue);
        try (Widened result = accumulate ? Widened.update(c) : Widened.write(c);
                Widened bias = Widened.read(epilogue.bias());
                Widened residual = Widened.read(epilogue.residual());
                Widened before = Widened.write(epilogue.preActivation())) {
            Epilogue same =
                    new Epilogue(epilogue.scale(), bias.view(), epilogue.activation(), residual.view(), before.view());
            product(result.view(), a, b, accumulate, same);
        }
    }

    private static void product(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        try (UnitRows bias = UnitRows.read(epilogue.bias());
                UnitRows residual = UnitRows.read(epilogue.residual());
                UnitRows before = UnitRows.write(epilogue.preActivation())) {
            Epilogue same =
                    new Epilogue(epilogue.scale(), bias.view(), epilogue.activation(), residual.view(), before.view());
            StackProduct.of(c, a, b, accumulate, same).run();
        }
    }

    private static void check(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        Stack left = new Stack(a);
        Stack right = new Stack(b);
        Stack result = new Stack(c);
        if (left.columns() != right.rows()) {
            throw new IllegalArgumentException("matmul: inner sizes differ: " + shapes(a, b));
        }
        boolean fits = result.rows() == left.rows()
                && result.columns() == right.columns()
                && result.batches() == left.batches()
                && result.batches() == right.batches();
        if (!fits) {
            throw new IllegalArgumentException("matmul: result has shape " + Arrays.toString(c.shape())
                    + ", which is not that of " + shapes(a, b));
        }
        if (result.columns() > 1 && result.columnStride() != 1) {
            throw new IllegalArgumentException(
                    "matmul: the result's last stride must be 1, got " + result.columnStride() + " in " + c);
        }
        boolean adds = accumulate
                && (epilogue.activation() != Activation.NONE
                        || epilogue.residual() != null
                        || epilogue.preActivation() != null);
        if (adds) {
            throw new IllegalArgumentException(
                    "matmul: accumulating goes with scale and bias only, got " + epilogue.activation());
        }
    }

    private static String shapes(View a, View b) {
        return Arrays.toString(a.shape()) + " x " + Arrays.toString(b.shape());
    }

    private static void finish(View c, long batch, long i, long j, double sum, boolean accumulate, Epilogue epilogue) {
        double value = epilogue.scale() * sum;
        if (epilogue.bias() != null) {
            View bias = epilogue.bias();
            value += Element.get(
                    bias.dtype(), bias.storage().segment(), bias.offset() + j * bias.strides()[bias.rank() - 1]);
        }
        if (epilogue.preActivation() != null) {
            put(epilogue.preActivation(), batch, i, j, value);
        }
        value = activate(epilogue.activation(), value);
        if (epilogue.residual() != null) {
            value += get(epilogue.residual(), batch, i, j);
        }
        put(c, batch, i, j, accumulate ? value + get(c, batch, i, j) : value);
    }

    private static double activate(Activation activation, double x) {
        UnaryOp op = operation(activation);
        return op == null ? x : op.apply(x);
    }

    /// The operation that an activation is; null for none.
    static UnaryOp operation(Activation activation) {
        return switch (activation) {
            case NONE -> null;
            case RELU -> Relu.OP;
            case GELU_TANH -> GeluTanh.OP;
            case GELU -> Gelu.OP;
            case SILU -> Silu.OP;
        };
    }

    private static double at(DType dtype, Matrix matrix, long row, long column) {
        MemorySegment segment = matrix.segment();
        return Element.get(dtype, segment, matrix.offset() + row * matrix.rowStride() + column * matrix.columnStride());
    }

    private static double get(View view, long batch, long i, long j) {
        return at(view.dtype(), new Stack(view).matrix(batch), i, j);
    }

    private static void put(View view, long batch, long i, long j, double value) {
        Matrix matrix = new Stack(view).matrix(batch).from(i, j);
        Element.set(view.dtype(), matrix.segment(), matrix.offset(), value);
    }
}
