package org.lehr.engine.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.lehr.engine.tensor.Broadcast;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.AttentionKernels.Mask;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Scope;

/// The keys and values that one sequence has left at one place of a model (a layer that is called twice has two). They
/// stand in pages of [#PAGE] positions: growing copies nothing, and a fork shares all pages. Gradients do not
/// flow through it.
///
/// A cache that is only ever asked with a window forgets the pages that no later query will see.
public final class KeyValueCache {

    /// Positions in a page.
    static final int PAGE = 256;

    /// Keys and values `[1, g, PAGE, .]`, and how many caches hold them.
    private record Page(Tensor keys, Tensor values, AtomicInteger owners) {

        static Page like(Tensor k, Tensor v) {
            return new Page(empty(k), empty(v), new AtomicInteger(1));
        }

        private static Tensor empty(Tensor x) {
            Shape shape = Shape.of(1, x.extent(1), PAGE, x.extent(3));
            Tensor page = Tensor.empty("key-value cache", x.device(), x.dtype(), shape);
            Scope.detach(page.storage());
            return page;
        }

        Page share() {
            owners.incrementAndGet();
            return this;
        }

        /// This page, or a copy of its first `used` positions where other caches hold it too.
        Page own(long used) {
            if (owners.get() == 1) {
                return this;
            }
            Page copy = like(keys, values);
            copy.keys.slice(2, 0, used).copyFrom(keys.slice(2, 0, used));
            copy.values.slice(2, 0, used).copyFrom(values.slice(2, 0, used));
            leave();
            return copy;
        }

        /// The last cache that leaves returns the memory.
        void leave() {
            if (owners.decrementAndGet() == 0) {
                keys.storage().release();
                values.storage().release();
            }
        }
    }

    private final List<Page> pages;
    private long forgotten;
    private long length;

    /// A cache that holds nothing.
    public KeyValueCache() {
        this(new ArrayList<>(), 0, 0);
    }

    private KeyValueCache(List<Page> pages, long forgotten, long length) {
        this.pages = pages;
        this.forgotten = forgotten;
        this.length = length;
    }

    /// How many positions it has seen.
    public long length() {
        return length;
    }

    /// How many positions it still holds, the last ones: [#length] but for what lies before every window.
    public long held() {
        return length - forgotten;
    }

    /// A cache with the same contents that goes its own way. Nothing is copied until one of the two writes to the
    /// page that is not full.
    public KeyValueCache fork() {
        List<Page> shared = new ArrayList<>(pages.size());
        for (Page page : pages) {
            shared.add(page.share());
        }
        return new KeyValueCache(shared, forgotten, length);
    }

    /// Adds the keys and values of the positions that follow. `k [1, g, t, d], v [1, g, t, e]`
    public void append(Tensor k, Tensor v) {
        check(k, v);
        for (long done = 0; done < k.extent(2); ) {
            long used = length % PAGE;
            pages.add(used == 0 ? Page.like(k, v) : pages.removeLast().own(used));
            long count = Math.min(PAGE - used, k.extent(2) - done);
            Page page = pages.getLast();
            page.keys.slice(2, used, used + count).copyFrom(k.slice(2, done, done + count));
            page.values.slice(2, used, used + count).copyFrom(v.slice(2, done, done + count));
            done += count;
            length += count;
        }
    }

    /// The keys of all positions that are still held. `[1, g, s, d]`
    public Tensor keys() {
        return Concat.concat(2, parts(Page::keys).toArray(Tensor[]::new));
    }

    /// The values of all positions that are still held. `[1, g, s, e]`
    public Tensor values() {
        return Concat.concat(2, parts(Page::values).toArray(Tensor[]::new));
    }

    /// Attention with the usual scale of queries at the last positions to all that the cache holds.
    /// `q [1, h, t, d] → [1, h, t, e]`
    ///
    /// @param window how many positions back a query sees, 0 for all
    public Tensor attend(Tensor q, long window) {
        return attend(q, new Attention(Double.NaN, true, window, false, false), null);
    }

    /// Attention of queries at the last positions to all that the cache holds. `q [1, h, t, d] → [1, h, t, e]`
    ///
    /// @param form how: scale, soft cap and window, without key padding; biased where there is a bias
    /// @param bias added to the scores of the positions that are held, the last of those it is given for:
    ///     broadcastable to `[1, h, t, s]` with `s` at least [#held] or 1; null for none
    public Tensor attend(Tensor q, Attention form, Tensor bias) {
        check(q, form, bias);
        Tensor added =
                bias == null || bias.extent(-1) == 1 ? bias : bias.slice(-1, bias.extent(-1) - held(), bias.extent(-1));
        Tensor out = q.extent(2) == 1
                ? attendOne(q, form, added)
                : Tensor.apply(
                        form,
                        bias == null ? new Tensor[] {q, keys(), values()} : new Tensor[] {q, keys(), values(), added});
        if (form.window() > 0) {
            forgetBefore(length + 1 - form.window());
        }
        return out;
    }

    private Tensor attendOne(Tensor q, Attention form, Tensor bias) {
        Shape shape = q.shape();
        Shape scores = Shape.of(1, shape.extent(1), 1, held());
        List<View> keys = parts(Page::keys).stream().map(Tensor::view).toList();
        List<View> values = parts(Page::values).stream().map(Tensor::view).toList();
        View added = bias == null
                ? null
                : Broadcast.expand("key-value cache", bias, scores).view();
        Tensor out = Tensor.empty(
                "key-value cache",
                q.device(),
                q.dtype(),
                Shape.of(1, shape.extent(1), 1, pages.getFirst().values.extent(3)));
        Mask mask = new Mask(form.factor(shape), form.softCap(), false, form.window(), added, null);
        q.device().backend().attention().forwardPages(out.view(), q.contiguous().view(), keys, values, mask);
        return out;
    }

    /// Drops the pages of which all positions lie before `position`.
    private void forgetBefore(long position) {
        while (forgotten + PAGE <= position) {
            pages.removeFirst().leave();
            forgotten += PAGE;
        }
    }

    private List<Tensor> parts(Function<Page, Tensor> half) {
        List<Tensor> parts = new ArrayList<>(pages.size());
        for (int i = 0; i < pages.size(); i++) {
            Tensor page = half.apply(pages.get(i));
            long used = Math.min(PAGE, held() - (long) i * PAGE);
            parts.add(used == PAGE ? page : page.slice(2, 0, used));
        }
        return parts;
    }

    private void check(Tensor k, Tensor v) {
        boolean fits = k.rank() == 4 && v.rank() == 4 && k.extent(0) == 1;
        fits = fits && k.shape().slice(0, 3).equals(v.shape().slice(0, 3));
        if (fits && !pages.isEmpty()) {
            Page page = pages.getFirst();
            fits = page.keys.extent(1) == k.extent(1)
                    && page.keys.extent(3) == k.extent(3)
                    && page.values.extent(3) == v.extent(3);
        }
        if (!fits) {
            throw new ShapeMismatchException(
                    "key-value cache: needs keys [1, g, t, d] and values [1, g, t, e] of the same"
                            + " heads and widths each time, got " + k.shape() + " and " + v.shape() + what());
        }
        if (v.dtype() != k.dtype() || !pages.isEmpty() && pages.getFirst().keys.dtype() != k.dtype()) {
            throw new DTypeMismatchException("key-value cache: needs keys and values of one dtype, got " + k.dtype()
                    + " and " + v.dtype() + what());
        }
    }

    private void check(Tensor q, Attention form, Tensor bias) {
        boolean fits = !pages.isEmpty() && q.rank() == 4 && q.extent(0) == 1;
        fits = fits
                && q.extent(2) <= held()
                && q.extent(3) == pages.getFirst().keys.extent(3);
        if (!fits || q.extent(1) % pages.getFirst().keys.extent(1) != 0) {
            throw new ShapeMismatchException("key-value cache: needs queries [1, h, t, d] at positions that were added,"
                    + " got " + q.shape() + what());
        }
        if (q.dtype() != pages.getFirst().keys.dtype()) {
            throw new DTypeMismatchException("key-value cache: got queries of " + q.dtype() + what());
        }
        if (form.padded() || form.biased() != (bias != null)) {
            throw new IllegalArgumentException("key-value cache: needs attention without key padding, and biased where"
                    + " there is a bias, got " + form + (bias == null ? " and no bias" : " and " + bias.shape()));
        }
        if (bias != null && bias.extent(-1) != 1 && bias.extent(-1) < held()) {
            throw new ShapeMismatchException(
                    "key-value cache: needs a bias for " + held() + " positions, got " + bias.shape());
        }
    }

    private String what() {
        return pages.isEmpty()
                ? " for an empty cache"
                : " for a cache of " + pages.getFirst().keys.dtype() + " with "
                        + pages.getFirst().keys.extent(1)
                        + " heads of width " + pages.getFirst().keys.extent(3) + " and "
                        + pages.getFirst().values.extent(3) + ", length " + length;
    }
}
