package org.lehr.kernels.fusion;

import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.pointwise.PointwiseOp;

/// Puts pointwise operations off until their results are wanted, so that those which follow one another are done in
/// one pass over memory; see [ChainKernel]. Results are the same, bit for bit.
///
/// What waits is a [deferred storage][Storage#deferred]: views of it, scopes and releases are as always, and whoever
/// asks for its memory gets it filled. A value that is read more than once may be computed more than once, on the
/// way to its readers. Where that would cost more than it saves, it is written to memory: an expensive one that the
/// tape keeps, and any that a second operation reads and that itself reads more than [#CHEAP_READS] arrays.
///
/// The system property `lehr.fusion=off` switches it off.
public final class Fusion {

    static final int CHEAP_READS = 3;
    private static final int MOST_STEPS = 32;
    private static final int MOST_READS = 12;
    private static final String PROPERTY = "lehr.fusion";

    private static final ScopedValue<Settings> CHOSEN = ScopedValue.newInstance();
    private static final String SETTING = System.getProperty(PROPERTY, "on");
    private static final Settings STANDARD = new Settings(SETTING.equals("on"), 1 << 14, 1L << 22);

    /// @param on whether operations are put off at all
    /// @param least how many elements they must have; fewer are in the cache anyway (16384)
    /// @param warm after how many elements a shape of chain has loops of its own: to be fast, these have to be
    ///     compiled, which takes as long as some millions of elements (2²²)
    public record Settings(boolean on, long least, long warm) {}

    private Fusion() {}

    /// Runs `work` with other settings, whatever the property says.
    public static <T> T with(Settings settings, Supplier<T> work) {
        return ScopedValue.where(CHOSEN, settings).call(work::get);
    }

    /// What holds for the running code.
    ///
    /// @throws IllegalArgumentException when the property `lehr.fusion` is neither `on` nor `off`
    static Settings settings() {
        if (CHOSEN.isBound()) {
            return CHOSEN.get();
        }
        if (!STANDARD.on && !SETTING.equals("off")) {
            throw new IllegalArgumentException(PROPERTY + ": expected on or off, got '" + SETTING + "'");
        }
        return STANDARD;
    }

    /// Puts off `op` on `inputs`, which have been broadcast to `shape`; returns the dense result. Null where
    /// it is better done at once; the inputs then have contents.
    ///
    /// @param type the dtype of the result
    /// @throws IllegalArgumentException when the property `lehr.fusion` is neither `on` nor `off`
    public static View defer(Backend backend, PointwiseOp op, DType type, long[] shape, View... inputs) {
        Compute compute = pays(backend, shape) ? compute(op, type, inputs) : Compute.NONE;
        int steps = 1;
        int reads = 0;
        for (View input : inputs) {
            Expression before = Expression.of(input);
            if (before != null && (!before.joins(input, compute) || before.deservesMemory())) {
                input.storage().complete();
                before = null;
            }
            steps += before == null ? 0 : before.steps();
            reads += before == null ? 1 : before.leaves();
        }
        boolean full = steps > MOST_STEPS || reads > MOST_READS;
        for (View input : inputs) {
            Expression before = Expression.of(input);
            if (full) {
                input.storage().complete();
            } else if (before != null) {
                before.use();
            }
        }
        if (compute == Compute.NONE) {
            return null;
        }
        Expression expression = new Expression(backend, op, type, shape, compute, inputs);
        Storage storage = Storage.deferred(
                size(shape) * type.bytes(),
                op.name(),
                expression,
                Arrays.stream(inputs).map(View::storage).toList());
        return View.rowMajor(storage, type, shape);
    }

    /// Lets `user` take in the values of `view`, dense from the beginning of its storage, as they are computed;
    /// nothing
    /// is
    /// written to memory, and the operations stay put off. Returns false, without calling it, where the values are
    /// in
    /// memory, belong there, or are not computed in float32.
    public static boolean stream(View view, Consumer<ChainSource> user) {
        Expression waiting = Expression.of(view);
        if (waiting == null
                || waiting.deservesMemory()
                || waiting.compute() != Compute.LANES
                || !waiting.joins(view, Compute.LANES)) {
            return false;
        }
        waiting.use();
        return view.storage().peek(plan -> user.accept(new ChainSource((ChainPlan) plan)));
    }

    /// Notes that the contents of `storage` will be read again later, by a backward pass.
    public static void keep(Storage storage) {
        if (storage.producer() instanceof Expression expression) {
            expression.keep();
        }
    }

    private static Compute compute(PointwiseOp op, DType type, View... inputs) {
        DType[] types = new DType[inputs.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = inputs[i].dtype();
        }
        return Compute.of(op, type, types);
    }

    private static boolean pays(Backend backend, long... shape) {
        Settings settings = settings();
        return settings.on
                && size(shape) >= Math.max(settings.least, 1)
                && backend.pointwise().chains();
    }

    private static long size(long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        return size;
    }
}
