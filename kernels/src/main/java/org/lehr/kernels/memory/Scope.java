package org.lehr.kernels.memory;

import java.util.Arrays;

/// Returns at its end what this thread allocated inside it and did not keep.
///
/// ```java
/// try (Scope scope = Scope.open()) {
///     Storage scratch = pool.allocate(4096, "scratch");
///     Storage result = scope.keep(pool.allocate(64, "result"));
/// }   // scratch is released, result is not
/// ```
///
/// Scopes of a thread are strictly nested, and belong to the thread that opened them. A scope does not hold what it
/// will release: what becomes unreachable inside it can be found by the collector as anywhere.
public final class Scope implements AutoCloseable {

    private static final ThreadLocal<Scope> INNERMOST = new ThreadLocal<>();
    private static final int FIRST_CAPACITY = 4;

    private final Thread thread = Thread.currentThread();
    private final Scope enclosing;
    private Lease[] leases = new Lease[FIRST_CAPACITY];
    private int count;
    private boolean closed;

    private Scope(Scope enclosing) {
        this.enclosing = enclosing;
    }

    /// Opens a scope inside the thread's current one.
    public static Scope open() {
        Scope scope = new Scope(INNERMOST.get());
        INNERMOST.set(scope);
        return scope;
    }

    /// Takes `storage` out of all scopes: it lives until it is released or unreachable. For parameters, optimizer
    /// state, gradients, and whatever else outlives the step that made it. May be called on any thread.
    public static Storage detach(Storage storage) {
        storage.lease().scope = null;
        return storage;
    }

    /// Moves `storage` out of this scope (and those inside it) into the enclosing one; where there is none, it
    /// lives
    /// until it is released or unreachable. Nothing happens when it belongs to no scope, or to one further out.
    public Storage keep(Storage storage) {
        checkUsable("keep");
        Lease lease = storage.lease();
        for (Scope scope = lease.scope; scope != null; scope = scope.enclosing) {
            if (scope == this) {
                lease.scope = null;
                if (enclosing != null) {
                    enclosing.add(lease);
                }
                break;
            }
        }
        return storage;
    }

    /// Whether `storage` would be released when this scope closes.
    public boolean holds(Storage storage) {
        for (Scope scope = storage.lease().scope; scope != null; scope = scope.enclosing) {
            if (scope == this) {
                return true;
            }
        }
        return false;
    }

    /// Releases what was allocated in this scope and not kept. Closing again has no effect.
    ///
    /// @throws IllegalStateException on another thread than the one that opened it; or when scopes inside it are
    /// still
    ///     open, after these and this one have been closed
    @Override
    public void close() {
        if (closed) {
            return;
        }
        checkUsable("close");
        int left = 0;
        Scope scope = INNERMOST.get();
        for (; scope != this; scope = scope.enclosing) {
            scope.end();
            left++;
        }
        end();
        setInnermost(enclosing);
        if (left > 0) {
            throw new IllegalStateException("scope: closed while " + left + " scopes inside it were open;"
                    + " close them in reverse order, best by try-with-resources");
        }
    }

    /// The scope that allocations on this thread belong to; null when there is none.
    static Scope innermost() {
        return INNERMOST.get();
    }

    void add(Lease lease) {
        if (count == leases.length) {
            makeRoom();
        }
        lease.scope = this;
        leases[count++] = lease;
    }

    /// Forgets what has already ended or moved; grows only when that frees less than half.
    private void makeRoom() {
        int used = 0;
        for (int i = 0; i < count; i++) {
            if (isMine(leases[i])) {
                leases[used++] = leases[i];
            }
        }
        if (used > leases.length / 2) {
            leases = Arrays.copyOf(leases, leases.length * 2);
        } else {
            Arrays.fill(leases, used, count, null);
        }
        count = used;
    }

    private boolean isMine(Lease lease) {
        return lease.scope == this && !lease.isReleased();
    }

    private void end() {
        closed = true;
        for (int i = count - 1; i >= 0; i--) {
            if (isMine(leases[i])) {
                leases[i].release();
            }
        }
        leases = new Lease[0];
        count = 0;
    }

    private void checkUsable(String operation) {
        if (Thread.currentThread() != thread) {
            throw new IllegalStateException("scope: " + operation + " on thread "
                    + Thread.currentThread().getName() + ", opened on thread " + thread.getName());
        }
        if (closed) {
            throw new IllegalStateException("scope: " + operation + " after the scope was closed");
        }
    }

    private static void setInnermost(Scope scope) {
        if (scope == null) {
            INNERMOST.remove();
        } else {
            INNERMOST.set(scope);
        }
    }
}
