package org.lehr.cuda;

import org.lehr.kernels.ScanKernels;
import org.lehr.kernels.View;

/// Linear recurrences along time. Nothing is kept between the passes: the backward ones run the recurrence again.
record CudaScan(Runtime runtime) implements ScanKernels {

    @Override
    public long kept(Selective form) {
        return 0;
    }

    @Override
    public void selective(View y, View last, View kept, Selective form) {
        try (Widening wide = new Widening(runtime);
                StateScan scan = StateScan.of(runtime, form, wide)) {
            scan.forward(wide.write(y), wide.write(last));
        }
    }

    @Override
    public void selectiveBackward(SelectiveGradients out, View dy, View dLast, View kept, Selective form) {
        try (Widening wide = new Widening(runtime);
                StateScan scan = StateScan.of(runtime, form, wide)) {
            SelectiveGradients widened = new SelectiveGradients(
                    wide.write(out.u()),
                    wide.write(out.delta()),
                    wide.write(out.a()),
                    wide.write(out.b()),
                    wide.write(out.c()),
                    wide.write(out.d()),
                    wide.write(out.z()),
                    wide.write(out.deltaBias()),
                    wide.write(out.start()));
            scan.backward(widened, wide.read(dy), wide.read(dLast));
        }
    }

    @Override
    public long kept(Dual form) {
        return 0;
    }

    @Override
    public void dual(View y, View last, View kept, Dual form) {
        try (Widening wide = new Widening(runtime);
                StateScan scan = StateScan.of(runtime, form, wide)) {
            scan.forward(wide.write(y), wide.write(last));
        }
    }

    @Override
    public void dualBackward(DualGradients out, View dy, View dLast, View kept, Dual form) {
        try (Widening wide = new Widening(runtime);
                StateScan scan = StateScan.of(runtime, form, wide)) {
            SelectiveGradients widened = new SelectiveGradients(
                    wide.write(out.x()),
                    wide.write(out.a()),
                    null,
                    wide.write(out.b()),
                    wide.write(out.c()),
                    null,
                    null,
                    null,
                    wide.write(out.start()));
            scan.backward(widened, wide.read(dy), wide.read(dLast));
        }
    }

    @Override
    public void linear(View h, Linear form) {
        try (Widening wide = new Widening(runtime)) {
            launch("linear", wide.write(h), null, new LinearGradients(null, null, null), form, wide)
                    .forElements(lines(form));
        }
    }

    @Override
    public void linearBackward(LinearGradients out, View dh, View h, Linear form) {
        try (Widening wide = new Widening(runtime)) {
            LinearGradients widened =
                    new LinearGradients(wide.write(out.x()), wide.write(out.a()), wide.write(out.start()));
            launch("linear_gradient", wide.read(h), wide.read(dh), widened, form, wide)
                    .forElements(lines(form));
        }
    }

    private Launch launch(String kernel, View h, View dh, LinearGradients out, Linear form, Widening wide) {
        View x = wide.read(form.x());
        View a = wide.read(form.a());
        // Strides of pairs where numbers are complex.
        long each = form.complex() ? 2 : 1;
        return runtime.launch("linear scan", "scan", kernel + "_" + x.dtype())
                .dense(x)
                .view(a)
                .dense(wide.read(form.start()))
                .dense(form.sequence())
                .dense(h)
                .dense(dh)
                .dense(out.x())
                .dense(out.a())
                .dense(out.start())
                .numbers(x.shape(), 3)
                .number(a.strides()[0] / each)
                .number(a.strides()[1] / each)
                .flag(form.complex());
    }

    private static long lines(Linear form) {
        return form.x().shape()[0] * form.x().shape()[2];
    }
}
