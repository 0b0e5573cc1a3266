package org.lehr.kernels.scan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.lehr.kernels.ScanKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.parallel.Workers;

/// Recurrences on the processor; bfloat16 is widened as a whole.
public final class CpuScans implements ScanKernels {

    /// As `CpuBackend` needs it.
    public CpuScans() {}

    @Override
    public long kept(Selective form) {
        return SelectiveKernel.suits(form) && form.u().size() > 0 ? new SelectiveKernel(form).kept() : 0;
    }

    @Override
    public void selective(View y, View last, View kept, Selective form) {
        check("selective scan", form, y);
        try (Wide wide = new Wide()) {
            View wideY = wide.write(y);
            View wideLast = wide.write(last);
            Selective wideForm = wide.form(form);
            if (SelectiveKernel.suits(form)) {
                new SelectiveKernel(wideForm).forward(wideY, wideLast, kept);
            } else {
                SelectiveReference kernel = new SelectiveReference(wideForm);
                Workers.current()
                        .forRange(
                                y.shape()[0] * y.shape()[2],
                                1,
                                (from, to) -> kernel.forward(wideY, wideLast, from, to));
            }
        }
    }

    @Override
    public void selectiveBackward(SelectiveGradients out, View dy, View dLast, View kept, Selective form) {
        check("selective scan: gradient", form, dy);
        try (Wide wide = new Wide()) {
            SelectiveGradients gradients = new SelectiveGradients(
                    wide.write(out.u()),
                    wide.write(out.delta()),
                    wide.write(out.a()),
                    wide.write(out.b()),
                    wide.write(out.c()),
                    wide.write(out.d()),
                    wide.write(out.z()),
                    wide.write(out.deltaBias()),
                    wide.write(out.start()));
            Selective wideForm = wide.form(form);
            if (SelectiveKernel.suits(form)) {
                new SelectiveKernel(wideForm).backward(gradients, wide.read(dy), wide.read(dLast), kept);
            } else {
                new SelectiveReference(wideForm).backward(gradients, wide.read(dy), wide.read(dLast));
            }
        }
    }

    @Override
    public void linear(View h, Linear form) {
        check("linear scan", form, h);
        try (Wide wide = new Wide()) {
            View result = wide.write(h);
            Linear wideForm = wide.form(form);
            if (LinearVectors.suits(form)) {
                new LinearVectors(wideForm).forward(result);
            } else {
                new LinearKernel(wideForm).forward(result);
            }
        }
    }

    @Override
    public void linearBackward(LinearGradients out, View dh, View h, Linear form) {
        check("linear scan: gradient", form, dh);
        check("linear scan: gradient", form, h);
        try (Wide wide = new Wide()) {
            LinearGradients gradients =
                    new LinearGradients(wide.write(out.x()), wide.write(out.a()), wide.write(out.start()));
            Linear wideForm = wide.form(form);
            if (LinearVectors.suits(form)) {
                new LinearVectors(wideForm).backward(gradients, wide.read(dh), wide.read(h));
            } else {
                new LinearKernel(wideForm).backward(gradients, wide.read(dh), wide.read(h));
            }
        }
    }

    @Override
    public long kept(Dual form) {
        return DualKernel.suits(form) && form.x().size() > 0 ? new DualKernel(form).kept() : 0;
    }

    @Override
    public void dual(View y, View last, View kept, Dual form) {
        check("state-space dual", form, y);
        try (Wide wide = new Wide()) {
            View wideY = wide.write(y);
            View wideLast = wide.write(last);
            Dual wideForm = wide.form(form);
            if (DualKernel.suits(form)) {
                new DualKernel(wideForm).forward(wideY, wideLast, kept);
            } else {
                new DualReference(wideForm).forward(wideY, wideLast);
            }
        }
    }

    @Override
    public void dualBackward(DualGradients out, View dy, View dLast, View kept, Dual form) {
        check("state-space dual: gradient", form, dy);
        try (Wide wide = new Wide()) {
            DualGradients gradients = new DualGradients(
                    wide.write(out.x()),
                    wide.write(out.a()),
                    wide.write(out.b()),
                    wide.write(out.c()),
                    wide.write(out.start()));
            Dual wideForm = wide.form(form);
            if (DualKernel.suits(form)) {
                new DualKernel(wideForm).backward(gradients, wide.read(dy), wide.read(dLast), kept);
            } else {
                new DualReference(wideForm).backward(gradients, wide.read(dy), wide.read(dLast));
            }
        }
    }

    private static void check(String operation, Dual form, View y) {
        long[] x = form.x().shape();
        boolean fits = form.x().rank() == 4 && form.b().rank() == 4 && form.chunk() > 0;
        if (fits) {
            long groups = form.b().shape()[2];
            long states = form.b().shape()[3];
            long[] shared = {x[0], x[1], groups, states};
            fits = groups > 0
                    && x[2] % groups == 0
                    && inner(form.x(), 3, x)
                    && inner(y, 3, x)
                    && inner(form.a(), 2, x[0], x[1], x[2])
                    && inner(form.b(), 3, shared)
                    && inner(form.c(), 3, shared)
                    && (form.start() == null || dense(form.start(), x[0], x[2], x[3], states))
                    && (form.sequence() == null || dense(form.sequence(), x[0], x[1]));
        }
        if (!fits) {
            throw new IllegalArgumentException(operation + ": expected x and y [b, t, h, p], a [b, t, h], b and c"
                    + " [b, t, g, n] with g dividing h, start [b, h, p, n], sequence [b, t] and a positive chunk, got"
                    + " y " + y + " and " + form);
        }
    }

    private static void check(String operation, Linear form, View h) {
        long[] shape = form.x().shape();
        boolean fits = (form.x().rank() == 3 || form.complex() && shape[3] == 2)
                && dense(form.x(), shape)
                && dense(h, shape)
                && inner(form.a(), 2, shape);
        if (fits) {
            long[] state = form.complex() ? new long[] {shape[0], shape[2], 2} : new long[] {shape[0], shape[2]};
            fits = (form.start() == null || dense(form.start(), state))
                    && (form.sequence() == null || dense(form.sequence(), shape[0], shape[1]));
        }
        if (!fits) {
            throw new IllegalArgumentException(operation + ": expected x, a and h [b, t, c] or [b, t, c, 2], start"
                    + " [b, c] and sequence [b, t], got h " + h + " and " + form);
        }
    }

    /// Views that are float32 where they were bfloat16, until it is closed.
    private static final class Wide implements AutoCloseable {

        private final List<Widened> open = new ArrayList<>();

        View read(View in) {
            return keep(Widened.read(in));
        }

        View write(View out) {
            return keep(Widened.write(out));
        }

        private View keep(Widened widened) {
            open.add(widened);
            return widened.view();
        }

        Selective form(Selective form) {
            return new Selective(
                    read(form.u()),
                    read(form.delta()),
                    read(form.a()),
                    read(form.b()),
                    read(form.c()),
                    read(form.d()),
                    read(form.z()),
                    read(form.deltaBias()),
                    read(form.start()),
                    form.sequence(),
                    form.softplus());
        }

        Dual form(Dual form) {
            return new Dual(
                    read(form.x()),
                    read(form.a()),
                    read(form.b()),
                    read(form.c()),
                    read(form.start()),
                    form.sequence(),
                    form.chunk());
        }

        Linear form(Linear form) {
            return new Linear(read(form.x()), read(form.a()), read(form.start()), form.sequence());
        }

        @Override
        public void close() {
            open.reversed().forEach(Widened::close);
        }
    }

    /// Refuses what would make a kernel read or write out of bounds.
    private static void check(String operation, Selective form, View y) {
        long[] shape = form.u().shape();
        boolean fits = form.u().rank() == 3 && rows(form.u(), shape) && rows(form.delta(), shape) && rows(y, shape);
        fits = fits && (form.a().rank() == 2 || form.complex() && form.a().shape()[2] == 2);
        if (fits) {
            long[] pair = form.complex() ? new long[] {2} : new long[0];
            long[] state = join(new long[] {shape[2], form.states()}, pair);
            fits = dense(form.a(), state)
                    && form.b().rank() == 4 + pair.length
                    && form.groups() > 0
                    && shape[2] % form.groups() == 0;
            long[] shared =
                    fits ? join(new long[] {shape[0], shape[1], form.groups(), form.states()}, pair) : new long[0];
            fits = fits
                    && inner(form.b(), 3, shared)
                    && inner(form.c(), 3, shared)
                    && (form.d() == null || dense(form.d(), shape[2]))
                    && (form.z() == null || rows(form.z(), shape))
                    && (form.deltaBias() == null || dense(form.deltaBias(), shape[2]))
                    && (form.start() == null || dense(form.start(), join(new long[] {shape[0]}, state)))
                    && (form.sequence() == null || dense(form.sequence(), shape[0], shape[1]));
        }
        if (!fits) {
            throw new IllegalArgumentException(operation + ": expected u, delta, z and y [b, t, c], a [c, n], b and c"
                    + " [b, t, g, n] with g dividing c, d and delta's bias [c], start [b, c, n] and sequence [b, t],"
                    + " got y " + y + " and " + form);
        }
    }

    private static boolean dense(View view, long... shape) {
        return view.isContiguous() && Arrays.equals(view.shape(), shape);
    }

    private static boolean rows(View view, long... shape) {
        return Arrays.equals(view.shape(), shape) && (view.strides()[2] == 1 || shape[2] <= 1);
    }

    /// Whether what follows the first `outer` dimensions is dense.
    private static boolean inner(View view, int outer, long... shape) {
        if (!Arrays.equals(view.shape(), shape)) {
            return false;
        }
        long step = 1;
        for (int i = shape.length - 1; i >= outer; i--) {
            if (view.shape()[i] != 1 && view.strides()[i] != step) {
                return false;
            }
            step *= shape[i];
        }
        return true;
    }

    private static long[] join(long[] first, long... second) {
        long[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }
}
