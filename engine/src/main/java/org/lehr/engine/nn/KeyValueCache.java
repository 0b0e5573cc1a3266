package org.lehr.engine.nn;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.memory.Scope;

/// The keys and values that one sequence has left at one place of a model (a layer that is called twice has two). They
/// stand in pages of [#PAGE] positions: growing copies nothing, and a fork shares all pages that are full.
public final class KeyValueCache {

    /// Positions in a page. Attention takes a few operations for each page, whatever its size.
    static final int PAGE = 256;

    private record Page(Tensor keys, Tensor values) {

        static Page like(Tensor k, Tensor v) {
            return new Page(empty(k), empty(v));
        }

        private static Tensor empty(Tensor x) {
            Shape shape = Shape.of(1, x.extent(1), PAGE, x.extent(3));
            Tensor page = Tensor.empty("key-value cache", x.device(), x.dtype(), shape);
            Scope.detach(page.storage());
            return page;
        }
    }

    private final List<Page> pages;
    private long length;

    /// A cache that holds nothing.
    public KeyValueCache() {
        this(new ArrayList<>(), 0);
    }

    private KeyValueCache(List<Page> pages, long length) {
        this.pages = pages;
        this.length = length;
    }

    /// How many positions it holds.
    public long length() {
        return length;
    }

    /// A cache with the same contents that goes its own way.
    public KeyValueCache fork() {
        KeyValueCache fork = new KeyValueCache(new ArrayList<>(pages), length);
        if (length % PAGE != 0) {
            Page last = fork.pages.removeLast();
            Page copy = Page.like(last.keys, last.values);
            copy.keys.copyFrom(last.keys);
            copy.values.copyFrom(last.values);
            fork.pages.add(copy);
        }
        return fork;
    }

    /// Adds the keys and values of the positions that follow. `k [1, g, t, d], v [1, g, t, e]`
    void append(Tensor k, Tensor v) {
        for (long done = 0; done < k.extent(2); ) {
            long used = length % PAGE;
            if (used == 0) {
                pages.add(Page.like(k, v));
            }
            long count = Math.min(PAGE - used, k.extent(2) - done);
            Page page = pages.getLast();
            page.keys.slice(2, used, used + count).copyFrom(k.slice(2, done, done + count));
            page.values.slice(2, used, used + count).copyFrom(v.slice(2, done, done + count));
            done += count;
            length += count;
        }
    }

    /// Attention of queries at the last positions to all that the cache holds. `q [1, h, t, d] → [1, h, t, e]`
    ///
    /// @param window how many positions back a query sees, 0 for all
    Tensor attend(Tensor q, long window) {
        return q.extent(2) == 1 ? attendOne(q, window) : attendAll(q, window);
    }

    private Tensor attendAll(Tensor q, long window) {
        List<Page> held = held(0);
        Tensor k = Concat.concat(2, held.stream().map(Page::keys).toArray(Tensor[]::new));
        Tensor v = Concat.concat(2, held.stream().map(Page::values).toArray(Tensor[]::new));
        return Tensor.apply(new Attention(Double.NaN, true, window, false, false), q, k, v);
    }

    /// Scores page by page, one softmax over all of them, values page by page: no copy of the
    /// whole cache is made.
    private Tensor attendOne(Tensor q, long window) {
        List<Page> held = held(window == 0 ? 0 : Math.max(0, length - window));
        long heads = q.extent(1);
        long groups = held.getFirst().keys.extent(1);
        Tensor query = q.reshape(groups, heads / groups, q.extent(3)).mul(1 / Math.sqrt(q.extent(3)));
        Tensor[] scores = held.stream()
                .map(page -> query.matmul(page.keys.squeeze(0).transpose(-1, -2)))
                .toArray(Tensor[]::new);
        Tensor weights = Concat.concat(2, scores).softmax(2);
        Tensor sum = null;
        long from = 0;
        for (Page page : held) {
            long to = from + page.keys.extent(2);
            Tensor part = weights.slice(2, from, to).matmul(page.values.squeeze(0));
            sum = sum == null ? part : sum.add(part);
            from = to;
        }
        return sum.reshape(1, heads, 1, sum.extent(2));
    }

    /// The pages from position `from` on, the first and the last cut to what is wanted.
    private List<Page> held(long from) {
        List<Page> held = new ArrayList<>();
        for (long page = from / PAGE; page < pages.size(); page++) {
            long first = Math.max(from - page * PAGE, 0);
            long last = Math.min(length - page * PAGE, PAGE);
            Page whole = pages.get((int) page);
            held.add(new Page(whole.keys.slice(2, first, last), whole.values.slice(2, first, last)));
        }
        return held;
    }
}
