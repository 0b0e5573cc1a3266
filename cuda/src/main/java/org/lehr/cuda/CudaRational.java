package org.lehr.cuda;

import org.lehr.kernels.RationalKernels;
import org.lehr.kernels.View;

/// Learned rational functions.
record CudaRational(Runtime runtime) implements RationalKernels {

    /// Null where a pass does not want it.
    private record Arrays(View y, View x, View a, View b, View dy, View dx, View da, View db) {}

    @Override
    public void rational(View y, View x, View a, View b) {
        try (Widening wide = new Widening(runtime)) {
            Arrays arrays = new Arrays(wide.write(y), wide.read(x), wide.read(a), wide.read(b), null, null, null, null);
            launch("rational", arrays).forElements(x.size());
        }
    }

    @Override
    public void rationalBackward(View dx, View da, View db, View dy, View x, View a, View b) {
        try (Widening wide = new Widening(runtime)) {
            Arrays arrays = new Arrays(
                    null,
                    wide.read(x),
                    wide.read(a),
                    wide.read(b),
                    wide.read(dy),
                    wide.write(dx),
                    wide.write(da),
                    wide.write(db));
            launch("rational_input", arrays).forElements(x.size());
            launch("rational_coefficients", arrays).forRows(a.size() + b.size());
        }
    }

    private Launch launch(String kernel, Arrays of) {
        long groups = of.a.shape()[0];
        return runtime.launch("rational", "rational", kernel + "_" + of.x.dtype())
                .dense(of.y)
                .dense(of.x)
                .dense(of.a)
                .dense(of.b)
                .dense(of.dy)
                .dense(of.dx)
                .dense(of.da)
                .dense(of.db)
                .number(of.x.shape()[0])
                .number(groups)
                .number(of.x.shape()[1] / groups)
                .number(of.a.shape()[1] - 1)
                .number(of.b.shape()[1]);
    }
}
