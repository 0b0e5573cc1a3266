package org.lehr.cuda;

import org.lehr.kernels.LossKernels;
import org.lehr.kernels.View;

/// Losses fused with what stands before them.
record CudaLoss(Runtime runtime) implements LossKernels {

    private static final String OPERATION = "crossEntropy";

    /// What a row is to be given to, null where it is not.
    private record Outputs(View loss, View logSumExp, View dx, View dLoss) {}

    @Override
    public void crossEntropy(View loss, View logSumExp, View x, View targets, CrossEntropy form) {
        run("cross_entropy", new Outputs(loss, logSumExp, null, null), 0, x, targets, form);
    }

    @Override
    public void crossEntropyWithGradient(
            View loss, View logSumExp, View dx, double slope, View x, View targets, CrossEntropy form) {
        run("cross_entropy", new Outputs(loss, logSumExp, dx, null), slope, x, targets, form);
    }

    @Override
    public void crossEntropyBackward(View dx, View dLoss, View x, View logSumExp, View targets, CrossEntropy form) {
        run("cross_entropy_gradient", new Outputs(null, logSumExp, dx, dLoss), 0, x, targets, form);
    }

    private void run(String kernel, Outputs out, double slope, View x, View targets, CrossEntropy form) {
        boolean classes = targets.rank() == 1;
        if (classes) {
            new IndexCheck(runtime, OPERATION).check(targets, x.shape()[1], form.ignoreIndex());
        }
        runtime.launch(OPERATION, "loss", kernel + "_" + x.dtype())
                .dense(out.loss)
                .dense(out.logSumExp)
                .dense(out.dx)
                .dense(out.dLoss)
                .dense(x)
                .dense(targets)
                .number(x.shape()[0])
                .number(x.shape()[1])
                .number(form.ignoreIndex())
                .number(form.labelSmoothing())
                .number(form.zLoss())
                .number(slope)
                .flag(!classes)
                .flag(IndexCheck.isWide(targets))
                .forRows(x.shape()[0]);
    }
}
