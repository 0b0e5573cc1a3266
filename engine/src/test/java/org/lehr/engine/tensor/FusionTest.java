package org.lehr.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.fusion.Fusion;
import org.lehr.kernels.memory.MemoryExhaustedException;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.ReleasedMemoryException;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.parallel.Workers;

/// Operations that are put off give what they give at once, bit for bit, whatever happens in between.
@Tag("widths")
@org.junit.jupiter.api.Tag("widths")
class FusionTest {

    private static final Fusion.Settings OFF = new Fusion.Settings(false, 1, 0);
    private static final Fusion.Settings COLD = new Fusion.Settings(true, 1, Long.MAX_VALUE);
    private static final Fusion.Settings WARM = new Fusion.Settings(true, 1, 0);

    @Property(tries = 150)
    void programsAreBitForBitTheSame(@ForAll long seed) {
        List<Object> plain = run(OFF, 1, seed);
        assertEquals(plain, run(COLD, 1, seed));
        assertEquals(plain, run(WARM, 2, seed));
        assertEquals(plain, run(WARM, 5, seed));
    }

    private static List<Object> run(Fusion.Settings settings, int threads, long seed) {
        return Fusion.with(
                settings,
                () -> Workers.with(threads, () -> {
                    try (var _ = Scope.open()) {
                        return new RandomProgram(seed).run();
                    }
                }));
    }

    private static <T> T warm(Supplier<T> work) {
        return Fusion.with(WARM, work);
    }

    private static Tensor iota(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return Tensor.of(values);
    }

    @Test
    void nothingIsComputedBeforeItIsWanted() {
        warm(() -> {
            Tensor x = iota(5).add(1).mul(2);
            assertNotNull(x.storage().producer());
            assertArrayEquals(new float[] {2, 4, 6, 8, 10}, x.toFloatArray());
            assertNull(x.storage().producer());
            return x;
        });
    }

    @Test
    void smallTensorsAreComputedAtOnce() {
        assertNull(iota(5).add(1).storage().producer());
    }

    @Test
    void overwritingAnInputChangesNoResult() {
        warm(() -> {
            Tensor a = iota(3);
            Tensor x = a.add(1);
            Tensor y = x.mul(a);
            a.fill(7);
            assertArrayEquals(new float[] {0, 2, 6}, y.toFloatArray());
            assertArrayEquals(new float[] {1, 2, 3}, x.toFloatArray());
            return a;
        });
    }

    @Test
    void releasingAnInputReturnsItsMemoryOnceItWasRead() {
        warm(() -> {
            try (var _ = Scope.open()) {
                long before = Pool.host().statistics().outstanding();
                Tensor a = iota(1 << 16);
                long one = Pool.host().statistics().outstanding() - before;
                Tensor x = a.add(1);
                Tensor y = x.mul(3);
                x.storage().release();
                a.storage().release();
                assertThrows(ReleasedMemoryException.class, a::toFloatArray);
                assertThrows(ReleasedMemoryException.class, () -> x.add(1));
                assertEquals(before + one, Pool.host().statistics().outstanding());
                assertEquals(3 * 1000, y.slice(0, 999, 1000).item());
                assertEquals(before + one, Pool.host().statistics().outstanding());
                y.storage().release();
                assertEquals(before, Pool.host().statistics().outstanding());
            }
            return null;
        });
    }

    @Test
    void whatNobodyWantsReturnsItsInputs() {
        warm(() -> {
            long before = Pool.host().statistics().outstanding();
            try (var _ = Scope.open()) {
                Tensor x = iota(1 << 16).add(1).mul(2).tanh();
                assertNotNull(x.storage().producer());
            }
            assertEquals(before, Pool.host().statistics().outstanding());
            return null;
        });
    }

    @Test
    void aResultOutlivesTheScopeOfItsInputs() {
        warm(() -> {
            Tensor kept;
            try (Scope scope = Scope.open()) {
                kept = iota(1000).add(1).mul(2);
                scope.keep(kept.storage());
            }
            try (var _ = Scope.open()) {
                iota(1000).view();
                assertEquals(2000, kept.slice(0, 999, 1000).item());
            }
            return kept;
        });
    }

    @Test
    void manyThreadsMayAskForOneResult() {
        Tensor a = iota(100_003);
        Tensor x = warm(() -> a.add(1).mul(2));
        Tensor y = warm(() -> x.sub(a));
        List<CompletableFuture<Double>> sums = Stream.of(x, y, x, y, y, x)
                .map(tensor -> CompletableFuture.supplyAsync(
                        () -> tensor.to(DType.FLOAT64).sum().item()))
                .toList();
        List<Double> found = sums.stream().map(CompletableFuture::join).toList();
        assertEquals(100_003.0 * 100_004, found.get(0));
        assertEquals(found.get(0), found.get(2));
        assertEquals(found.get(1), found.get(3));
    }

    @Test
    void whatHasNoRoomNamesItsOwner() {
        warm(() -> {
            try (var _ = Scope.open()) {
                Tensor one = Tensor.ones(1, 1).expand(1 << 18, 1 << 18);
                Tensor huge = one.add(1).mul(3);
                var refused = assertThrows(MemoryExhaustedException.class, huge::view);
                assertTrue(refused.getMessage().contains("mul"), refused.getMessage());
                assertThrows(MemoryExhaustedException.class, huge::view);
            }
            return null;
        });
    }
}
