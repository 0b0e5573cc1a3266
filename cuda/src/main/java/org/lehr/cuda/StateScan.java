package org.lehr.cuda;

import java.util.ArrayList;
import java.util.List;
import org.lehr.kernels.DType;
import org.lehr.kernels.ReductionKernels.Reduction;
import org.lehr.kernels.ScanKernels.Dual;
import org.lehr.kernels.ScanKernels.Selective;
import org.lehr.kernels.ScanKernels.SelectiveGradients;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// The recurrence that the selective scan and the dual share, one line for each sequence and channel. What several
/// lines
/// add to is first written by each of them and then reduced in their order.
///
/// @param heads parts of the channels that share a decay, 0 where each channel has rates of its own
/// @param scratch what is given back in the end
record StateScan(Runtime runtime, Selective form, long channels, long states, long heads, List<Storage> scratch)
        implements AutoCloseable {

    static StateScan of(Runtime runtime, Selective given, Widening wide) {
        Selective form = new Selective(
                wide.read(given.u()),
                wide.read(given.delta()),
                wide.read(given.a()),
                wide.read(given.b()),
                wide.read(given.c()),
                wide.read(given.d()),
                wide.read(given.z()),
                wide.read(given.deltaBias()),
                wide.read(given.start()),
                given.sequence(),
                given.softplus());
        return new StateScan(runtime, form, given.u().shape()[2], given.states(), 0, new ArrayList<>());
    }

    /// The logarithms of the decays stand in the place of `delta`.
    static StateScan of(Runtime runtime, Dual given, Widening wide) {
        Selective form = new Selective(
                wide.read(given.x()),
                wide.read(given.a()),
                null,
                wide.read(given.b()),
                wide.read(given.c()),
                null,
                null,
                null,
                wide.read(given.start()),
                given.sequence(),
                false);
        long heads = given.x().shape()[2];
        long channels = heads * given.x().shape()[3];
        return new StateScan(runtime, form, channels, given.b().shape()[3], heads, new ArrayList<>());
    }

    void forward(View y, View last) {
        launch("states", y, null, last, numbers(batches() * channels * times() * states), null, null)
                .forRows(batches() * channels);
    }

    void backward(SelectiveGradients out, View dy, View dLast) {
        View all = numbers(batches() * channels * times() * states);
        launch("states", null, null, null, all, null, null).forRows(batches() * channels);
        View partsB = numbers(batches() * channels * times() * states);
        View partsC = numbers(batches() * channels * times() * states);
        View partsA = out.a() == null ? null : numbers(batches() * channels * states);
        View partsD = out.d() == null ? null : real(batches() * channels);
        View partsBias = out.deltaBias() == null ? null : real(batches() * channels);
        View start = out.start() == null ? numbers(batches() * channels * states) : out.start();
        View delta = heads == 0 ? out.delta() : real(batches() * times() * channels);
        View[] gradients = {out.u(), delta, out.z(), partsB, partsC, partsA, partsD, partsBias, start};
        launch("states_gradient", null, dy, null, all, dLast, gradients).forRows(batches() * channels);
        long groups = form.groups();
        long width = states * pair();
        long[] grouped = {batches(), groups, channels / groups, times(), width};
        sum(byTime(out.b(), width), partsB, 2, grouped);
        sum(byTime(out.c(), width), partsC, 2, grouped);
        sumOfBatches(out.a(), partsA);
        sumOfBatches(out.d(), partsD);
        sumOfBatches(out.deltaBias(), partsBias);
        if (heads != 0) {
            long[] apart = {batches() * times() * heads, channels / heads};
            sum(reshaped(out.delta(), apart[0], 1), delta, 1, apart);
        }
    }

    @Override
    public void close() {
        scratch.forEach(Storage::release);
    }

    private Launch launch(String kernel, View y, View dy, View last, View all, View dLast, View[] gradients) {
        Launch launch = runtime.launch(
                heads == 0 ? "selective scan" : "dual scan",
                "scan",
                kernel + "_" + form.u().dtype());
        for (View of : new View[] {form.u(), form.delta(), form.z(), form.b(), form.c(), y, dy}) {
            launch.view(of).numbers(of == null ? new long[0] : of.strides(), 3);
        }
        launch.dense(form.a())
                .dense(form.d())
                .dense(form.deltaBias())
                .dense(form.start())
                .dense(form.sequence())
                .dense(last)
                .dense(all)
                .dense(dLast);
        for (int i = 0; i < 9; i++) {
            launch.dense(gradients == null ? null : gradients[i]);
        }
        return launch.number(batches())
                .number(times())
                .number(channels)
                .number(form.groups())
                .number(states)
                .number(heads)
                .flag(form.softplus())
                .flag(pair() == 2);
    }

    private long batches() {
        return form.u().shape()[0];
    }

    private long times() {
        return form.u().shape()[1];
    }

    /// Numbers of an element of the state.
    private long pair() {
        return heads == 0 && form.complex() ? 2 : 1;
    }

    private View numbers(long count) {
        return real(count * pair());
    }

    private View real(long count) {
        DType dtype = form.u().dtype();
        Storage storage = runtime.allocate(count * dtype.bytes(), "scan");
        scratch.add(storage);
        return View.rowMajor(storage, dtype, count);
    }

    /// Dense `[b, t, g, n]` as `[b, g, 1, t, n]`.
    private static View byTime(View view, long width) {
        long b = view.shape()[0];
        long t = view.shape()[1];
        long g = view.shape()[2];
        return new View(view.storage(), view.dtype(), view.offset(), new long[] {b, g, 1, t, width}, new long[] {
            t * g * width, width, 0, g * width, 1
        });
    }

    private void sumOfBatches(View out, View parts) {
        if (out != null) {
            sum(reshaped(out, 1, out.size()), parts, 0, batches(), out.size());
        }
    }

    private void sum(View out, View parts, int dimension, long... shape) {
        boolean[] reduced = new boolean[shape.length];
        reduced[dimension] = true;
        if (out.size() > 0) {
            new ReductionPass(runtime, Reduction.SUM, out, reshaped(parts, shape), reduced).run();
        }
    }

    private static View reshaped(View view, long... shape) {
        return new View(view.storage(), view.dtype(), view.offset(), shape, View.rowMajorStrides(shape));
    }
}
