package org.lehr.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// One launch of a kernel while its parameters are put together: the fields of the kernel's structure in their order,
/// each aligned to its own size.
final class Launch {

    /// What a kernel may be given at most.
    private static final int LARGEST = 4096;

    private static final int THREADS = 128;
    private static final int WARP = 32;

    /// Enough blocks to fill any device; kernels over elements take strides of the whole grid.
    private static final int MOST_BLOCKS = 1 << 14;

    private final Runtime runtime;
    private final String operation;
    private final Kernel kernel;
    private final byte[] fields = new byte[LARGEST];
    private final MemorySegment memory = MemorySegment.ofArray(fields);
    private final List<Storage> storages = new ArrayList<>();
    private final List<View> views = new ArrayList<>();
    private int size;

    Launch(Runtime runtime, String operation, Kernel kernel) {
        this.runtime = runtime;
        this.operation = operation;
        this.kernel = kernel;
    }

    Kernel kernel() {
        return kernel;
    }

    /// The address of a view's first element; 0 for null.
    Launch view(View view) {
        if (view == null) {
            return number(0L);
        }
        views.add(view);
        storages.add(view.storage());
        return number(view.storage().address() + view.byteOffset());
    }

    /// As [#view], for a view whose elements must stand densely in row-major order.
    Launch dense(View view) {
        if (view != null && !view.isContiguous()) {
            throw new IllegalArgumentException(operation + ": expected a dense array, got " + view + " with strides "
                    + Arrays.toString(view.strides()));
        }
        return view(view);
    }

    /// The address of scratch memory.
    Launch scratch(Storage storage) {
        storages.add(storage);
        return number(storage.address());
    }

    Launch number(long value) {
        memory.set(ValueLayout.JAVA_LONG_UNALIGNED, next(Long.BYTES), value);
        return this;
    }

    Launch number(double value) {
        memory.set(ValueLayout.JAVA_DOUBLE_UNALIGNED, next(Double.BYTES), value);
        return this;
    }

    Launch number(int value) {
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, next(Integer.BYTES), value);
        return this;
    }

    Launch flag(boolean value) {
        return number(value ? 1 : 0);
    }

    /// The first `most` of `values`, and zeros where there are fewer.
    Launch numbers(long[] values, int most) {
        for (int i = 0; i < most; i++) {
            number(i < values.length ? values[i] : 0L);
        }
        return this;
    }

    /// A thread to each of `count` elements; nothing where there are none.
    void forElements(long count) {
        if (count > 0) {
            run(Grid.of((int) Math.min(MOST_BLOCKS, (count + THREADS - 1) / THREADS), THREADS));
        }
    }

    /// A warp, which is a block, to each of `count` rows; nothing where there are none.
    void forRows(long count) {
        if (count > 0) {
            run(Grid.of((int) Math.min(Integer.MAX_VALUE, count), WARP));
        }
    }

    void run(Grid grid) {
        size = roundUp(size, Long.BYTES);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(size, Long.BYTES);
            parameters.copyFrom(memory.asSlice(0, size));
            runtime.run(this, grid, parameters);
        }
        Reference.reachabilityFence(storages);
    }

    private int next(int bytes) {
        int at = roundUp(size, bytes);
        size = at + bytes;
        return at;
    }

    private static int roundUp(int value, int step) {
        return (value + step - 1) / step * step;
    }

    /// `matmul(float32[2, 3], float32[3, 4])`
    @Override
    public String toString() {
        return operation + views.stream().map(View::toString).collect(Collectors.joining(", ", "(", ")"));
    }
}
