package org.lehr.kernels.pointwise;

import java.util.function.LongFunction;
import org.lehr.kernels.DType;
import org.lehr.kernels.PointwiseKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.CopyKernel;
import org.lehr.kernels.fusion.Chain;
import org.lehr.kernels.fusion.ChainKernel;
import org.lehr.kernels.memory.Storage;

/// Pointwise operations on the CPU: checks what goes in and out, then calls the kernels.
public final class CpuPointwise implements PointwiseKernels {

    public CpuPointwise() {}

    @Override
    public void map(PointwiseOp op, View out, View... inputs) {
        if (inputs.length != op.arity()) {
            throw new IllegalArgumentException(op.name() + ": takes " + op.arity() + " inputs, got " + inputs.length);
        }
        DType[] types = new DType[inputs.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = inputs[i].dtype();
        }
        DType result = op.resultType(types);
        if (out.dtype() != result) {
            throw new IllegalArgumentException(op.name() + ": gives " + result + ", the output is " + out.dtype());
        }
        PointwiseKernel.forward(op, out, inputs);
    }

    @Override
    public void chain(Chain chain, LongFunction<Storage> memory, View out, View... inputs) {
        ChainKernel.forward(chain, out, inputs);
    }

    @Override
    public boolean chains() {
        return true;
    }

    @Override
    public void copy(View out, View in) {
        CopyKernel.forward(out, in);
    }

    @Override
    public void fill(View out, double value) {
        FillKernel.fill(out, value);
    }

    @Override
    public void range(View out, double start, double step) {
        FillKernel.range(out, start, step);
    }
}
