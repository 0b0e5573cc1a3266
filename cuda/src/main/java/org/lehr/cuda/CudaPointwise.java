package org.lehr.cuda;

import org.lehr.kernels.DType;
import org.lehr.kernels.PointwiseKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.AddScalar;
import org.lehr.kernels.pointwise.AddScaled;
import org.lehr.kernels.pointwise.Affine;
import org.lehr.kernels.pointwise.Clamp;
import org.lehr.kernels.pointwise.ClampGrad;
import org.lehr.kernels.pointwise.Elu;
import org.lehr.kernels.pointwise.EluGrad;
import org.lehr.kernels.pointwise.FloorDivide;
import org.lehr.kernels.pointwise.LeakyRelu;
import org.lehr.kernels.pointwise.LeakyReluGrad;
import org.lehr.kernels.pointwise.MulScalar;
import org.lehr.kernels.pointwise.PointwiseOp;
import org.lehr.kernels.pointwise.PowScalar;
import org.lehr.kernels.pointwise.Remainder;

/// Pointwise operations: an operation's kernel is the one that has its name.
record CudaPointwise(Runtime runtime) implements PointwiseKernels {

    private static final String FILE = "pointwise";
    private static final int MOST_INPUTS = 3;

    /// What an operation is given besides arrays, for floating and for whole numbers.
    private record Constants(double p, double q, long wholeP, long wholeQ) {

        private static Constants of(PointwiseOp op) {
            return switch (op) {
                case AddScalar(double addend) -> one(addend);
                case MulScalar(double factor) -> one(factor);
                case AddScaled(double factor) -> one(factor);
                case PowScalar(double exponent) -> one(exponent);
                case LeakyRelu(double slope) -> one(slope);
                case LeakyReluGrad(double slope) -> one(slope);
                case Elu(double alpha) -> one(alpha);
                case EluGrad(double alpha) -> one(alpha);
                case Affine(double factor, double addend) -> new Constants(factor, addend, 0, 0);
                case ClampGrad(double low, double high) -> new Constants(low, high, 0, 0);
                case Clamp(double low, double high) ->
                    new Constants(low, high, (long) Math.ceil(low), (long) Math.floor(high));
                default -> one(0);
            };
        }

        private static Constants one(double p) {
            return new Constants(p, 0, (long) p, 0);
        }

        /// Rounded to float32 where that is computed in.
        private Constants rounded(DType dtype) {
            return dtype == DType.FLOAT64 ? this : new Constants((float) p, (float) q, wholeP, wholeQ);
        }
    }

    @Override
    public void map(PointwiseOp op, View out, View... inputs) {
        if (inputs.length != op.arity()) {
            throw new IllegalArgumentException(op.name() + ": takes " + op.arity() + " inputs, got " + inputs.length);
        }
        DType[] types = new DType[inputs.length];
        View[] all = new View[inputs.length + 1];
        all[0] = out;
        for (int i = 0; i < inputs.length; i++) {
            types[i] = inputs[i].dtype();
            all[i + 1] = inputs[i];
        }
        DType result = op.resultType(types);
        if (out.dtype() != result) {
            throw new IllegalArgumentException(op.name() + ": gives " + result + ", the output is " + out.dtype());
        }
        Extents extents = Extents.of(op.name(), all);
        if (extents.size() == 0) {
            return;
        }
        DType computed = types[types.length - 1];
        if ((op instanceof FloorDivide || op instanceof Remainder) && !computed.isFloating()) {
            refuseZero(op, inputs[1]);
        }
        Constants constants = Constants.of(op).rounded(computed);
        Launch launch = runtime.launch(op.name(), FILE, "map_" + op.name());
        for (int i = 0; i <= MOST_INPUTS; i++) {
            launch.view(i < all.length ? all[i] : null);
            launch.numbers(i < all.length ? extents.strides()[i] : new long[0], Extents.RANK);
        }
        launch.numbers(extents.shape(), Extents.RANK)
                .number(extents.size())
                .number(constants.p)
                .number(constants.q)
                .number(constants.wholeP)
                .number(constants.wholeQ)
                .number(extents.rank())
                .number(out.dtype().ordinal());
        for (int i = 0; i < MOST_INPUTS; i++) {
            launch.number(types[Math.min(i, types.length - 1)].ordinal());
        }
        launch.forElements(extents.size());
    }

    @Override
    public void copy(View out, View in) {
        Extents extents = Extents.of("copy", out, in);
        runtime.launch("copy", FILE, "copy")
                .view(out)
                .numbers(extents.strides()[0], Extents.RANK)
                .view(in)
                .numbers(extents.strides()[1], Extents.RANK)
                .numbers(extents.shape(), Extents.RANK)
                .number(extents.size())
                .number(extents.rank())
                .number(out.dtype().ordinal())
                .number(in.dtype().ordinal())
                .forElements(extents.size());
    }

    @Override
    public void fill(View out, double value) {
        range("fill", out, value, 0);
    }

    @Override
    public void range(View out, double start, double step) {
        range("range", out, start, step);
    }

    private void range(String operation, View out, double start, double step) {
        Extents extents = Extents.of(operation, out);
        runtime.launch(operation, FILE, "range")
                .view(out)
                .numbers(extents.strides()[0], Extents.RANK)
                .numbers(extents.shape(), Extents.RANK)
                .number(extents.size())
                .number(start)
                .number(step)
                .number(extents.rank())
                .number(out.dtype().ordinal())
                .forElements(extents.size());
    }

    private void refuseZero(PointwiseOp op, View divisor) {
        Extents extents = Extents.of(op.name(), divisor);
        Storage found = runtime.allocate(Long.BYTES, op.name());
        try {
            runtime.launch(op.name(), FILE, "find_zero")
                    .view(divisor)
                    .scratch(found)
                    .numbers(extents.strides()[0], Extents.RANK)
                    .numbers(extents.shape(), Extents.RANK)
                    .number(extents.size())
                    .number(extents.rank())
                    .number(divisor.dtype().ordinal())
                    .forRows(1);
            long first = runtime.readLong(found.address());
            if (first < extents.size()) {
                throw new ArithmeticException(op.name() + ": integer divided by zero at element " + first);
            }
        } finally {
            found.release();
        }
    }
}
