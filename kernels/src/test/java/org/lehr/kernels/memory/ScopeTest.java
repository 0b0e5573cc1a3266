package org.lehr.kernels.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ScopeTest {

    private final Pool pool = Pool.withLimit(16 << 20);

    @AfterEach
    void noScopeIsLeftOpen() {
        assertEquals(null, Scope.innermost());
    }

    @Test
    void endReleasesWhatWasNotKept() {
        Storage before = pool.allocate(10, "before");
        Storage dropped;
        Storage kept;
        Storage detached;
        try (Scope scope = Scope.open()) {
            dropped = pool.allocate(10, "dropped");
            kept = scope.keep(pool.allocate(10, "kept"));
            detached = Scope.detach(pool.allocate(10, "detached"));
            scope.keep(before);
        }
        assertTrue(dropped.isReleased());
        assertFalse(kept.isReleased());
        assertFalse(detached.isReleased());
        assertFalse(before.isReleased());
        assertThrows(ReleasedMemoryException.class, dropped::segment);
        assertEquals(3 * 64, pool.statistics().outstanding());
    }

    @Test
    void keptStoragesBelongToTheEnclosingScope() {
        Storage kept;
        Storage keptFromInner;
        Storage detached;
        try (Scope outer = Scope.open()) {
            try (Scope inner = Scope.open()) {
                kept = inner.keep(pool.allocate(10, "kept by inner"));
                keptFromInner = outer.keep(pool.allocate(10, "kept by outer"));
                detached = Scope.detach(pool.allocate(10, "detached"));
            }
            assertFalse(kept.isReleased());
        }
        assertTrue(kept.isReleased());
        assertFalse(keptFromInner.isReleased());
        assertFalse(detached.isReleased());
    }

    @Test
    void keepingInAnInnerScopeLeavesTheOuterOnesAlone() {
        Storage outers;
        try (Scope _ = Scope.open()) {
            outers = pool.allocate(10, "outer's");
            try (Scope inner = Scope.open()) {
                inner.keep(outers);
            }
            assertFalse(outers.isReleased());
        }
        assertTrue(outers.isReleased());
    }

    @Test
    void exceptionsEndTheScope() {
        AtomicReference<Storage> made = new AtomicReference<>();
        assertThrows(ArithmeticException.class, () -> {
            try (Scope scope = Scope.open()) {
                made.set(scope.keep(pool.allocate(10, "kept")));
                Scope.open();
                made.set(pool.allocate(10, "left in an inner scope"));
                throw new ArithmeticException("on the way");
            }
        });
        assertTrue(made.get().isReleased());
        assertEquals(null, Scope.innermost());
    }

    @Test
    void closingOutOfOrderClosesTheInnerScopesAndSaysSo() {
        Scope outer = Scope.open();
        Scope inner = Scope.open();
        Storage storage = pool.allocate(10, "inner's");
        String message = assertThrows(IllegalStateException.class, outer::close).getMessage();
        assertTrue(message.startsWith("scope: closed while 1 scopes inside it were open"), message);
        assertTrue(storage.isReleased());
        inner.close();
        outer.close();
        assertThrows(IllegalStateException.class, () -> inner.keep(storage));
    }

    @Test
    void scopesBelongToTheirThread() throws InterruptedException {
        AtomicReference<Storage> other = new AtomicReference<>();
        AtomicReference<IllegalStateException> failure = new AtomicReference<>();
        try (Scope scope = Scope.open()) {
            Thread thread = Thread.ofPlatform().start(() -> {
                other.set(pool.allocate(10, "of another thread"));
                failure.set(assertThrows(IllegalStateException.class, scope::close));
            });
            thread.join();
        }
        assertFalse(other.get().isReleased());
        assertTrue(failure.get().getMessage().startsWith("scope: close on thread"), failure.get()::getMessage);
    }

    @Test
    void releasedInsideIsNotReleasedAgain() {
        Storage survivor;
        try (Scope _ = Scope.open()) {
            pool.allocate(10, "early").release();
            survivor = Scope.detach(pool.allocate(10, "same block"));
        }
        assertFalse(survivor.isReleased());
        assertEquals(64, pool.statistics().outstanding());
    }

    @Test
    void longScopesHoldNeitherHandlesNorUnreachableMemory() {
        List<Storage> held = new ArrayList<>();
        try (Scope _ = Scope.open()) {
            for (int i = 0; i < 200_000; i++) {
                pool.allocate(1000, "released").release();
                if (i % 1000 == 0) {
                    held.add(pool.allocate(1000, "held"));
                }
            }
            for (int i = 0; i < 1000; i++) {
                pool.allocate(1 << 20, "unreachable");
            }
            held.forEach(storage -> assertFalse(storage.isReleased()));
        }
        held.forEach(storage -> assertTrue(storage.isReleased()));
    }
}
