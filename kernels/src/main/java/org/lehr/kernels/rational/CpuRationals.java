package org.lehr.kernels.rational;

import java.util.Arrays;
import org.lehr.kernels.RationalKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;

/// Rational functions on the processor; bfloat16 is widened as a whole.
public final class CpuRationals implements RationalKernels {

    /// As `CpuBackend` needs it.
    public CpuRationals() {}

    @Override
    public void rational(View y, View x, View a, View b) {
        check(x, a, b, y);
        try (Widened wideY = Widened.write(y);
                Widened wideX = Widened.read(x);
                Widened wideA = Widened.read(a);
                Widened wideB = Widened.read(b)) {
            new RationalKernel(wideX.view(), wideA.view(), wideB.view()).forward(wideY.view());
        }
    }

    @Override
    public void rationalBackward(View dx, View da, View db, View dy, View x, View a, View b) {
        check(x, a, b, dy, dx);
        check(x, da, db, dy);
        try (Widened wideDx = Widened.write(dx);
                Widened wideDa = Widened.write(da);
                Widened wideDb = Widened.write(db);
                Widened wideDy = Widened.read(dy);
                Widened wideX = Widened.read(x);
                Widened wideA = Widened.read(a);
                Widened wideB = Widened.read(b)) {
            new RationalKernel(wideX.view(), wideA.view(), wideB.view())
                    .backward(wideDx.view(), wideDa.view(), wideDb.view(), wideDy.view());
        }
    }

    private static void check(View x, View a, View b, View... likeX) {
        boolean fits = x.rank() == 2
                && a.rank() == 2
                && b.rank() == 2
                && x.isContiguous()
                && a.isContiguous()
                && b.isContiguous()
                && a.shape()[0] >= 1
                && a.shape()[1] >= 1
                && b.shape()[0] == a.shape()[0]
                && x.shape()[1] % a.shape()[0] == 0;
        for (View view : likeX) {
            fits = fits && view.isContiguous() && Arrays.equals(view.shape(), x.shape());
        }
        if (!fits) {
            throw new IllegalArgumentException("rational: expected dense x [m, g·w], a [g, p + 1] and b [g, q], got "
                    + x + ", " + a + " and " + b);
        }
    }
}
