package org.lehr.engine.optim.offload;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.SplitOptimizer;
import org.lehr.engine.optim.offload.Event.Kind;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;

/// An optimizer whose state lives in a mapped file, with the same bits as in memory; see
/// [org.lehr.engine.optim.wrapper.Offload].
///
/// Of the state there are at most three subgroups in memory: the one that is updated, the next one, which is fetched,
/// and the last one, which is written back; copies are made on another thread.
public final class OffloadedOptimizer extends SplitOptimizer implements AutoCloseable {

    private static final int RESIDENT = 3;
    // Until code is compiled and pages are there.
    private static final int TRIED_STEPS = 3;

    /// How state is kept.
    ///
    /// @param file its name; empty for one without a name among the temporary files
    /// @param subgroup how many parameters are updated together; a tensor is not cut, so that one with more is
    /// alone
    /// @param limit bytes of state that may be in memory; 0 for any
    /// @param stride which subgroups are updated in memory: every so many; 0 for what measured times suggest
    public record Form(String file, long subgroup, long limit, long stride) {

        public Form {
            if (subgroup < 1 || limit < 0 || stride < 0) {
                throw new IllegalArgumentException("offload: needs a subgroup of at least 1, a limit and a stride of at"
                        + " least 0, got " + subgroup + ", " + limit + " and " + stride);
            }
        }
    }

    private final Form form;
    private final Consumer<Event> observer;
    private final List<Subgroup> subgroups = new ArrayList<>();
    private final Link link = new Link();
    private final Meter meter = new Meter();
    private final AtomicLong resident = new AtomicLong();
    private final AtomicLong peak = new AtomicLong();
    private StateFile file;
    private long stride;
    private long begun;

    /// @param observer hears of what a step does, in the order in which it is begun
    /// @throws IllegalArgumentException when the update of a parameter looks at more than that parameter, when a
    ///     parameter is on another device than the host, or when the limit is too small
    /// @throws java.io.UncheckedIOException when the file cannot be made
    public OffloadedOptimizer(
            Recipe recipe, List<ParameterGroup> groups, StateFormat format, Form form, Consumer<Event> observer) {
        super("offload", recipe, format);
        this.form = form;
        this.observer = observer;
        this.stride = form.stride == 0 ? 2 : form.stride;
        try {
            take(groups, false);
        } catch (RuntimeException | Error failed) {
            close();
            throw failed;
        }
    }

    private void take(List<ParameterGroup> groups, boolean late) {
        groups.forEach(group -> group.parameters().forEach(OffloadedOptimizer::requireOnHost));
        List<Subgroup> fresh = new ArrayList<>();
        take(groups, () -> {
            for (List<ParameterGroup> some : Cut.of(groups, form.subgroup)) {
                if (file == null) {
                    file = StateFile.create(form.file);
                }
                Subgroup made = new Subgroup(part(some, late), file);
                fresh.add(made);
                requireRoom(Stream.concat(subgroups.stream(), fresh.stream()).toList());
            }
            return fresh.stream().map(Subgroup::optimizer).toList();
        });
        subgroups.addAll(fresh);
    }

    private static void requireOnHost(String path, Parameter parameter) {
        if (parameter.own().device() != Device.cpu()) {
            throw new IllegalArgumentException("offload: updates are made on the host, and the parameter " + path
                    + " is on " + parameter.own().device());
        }
    }

    /// Whichever subgroups are in memory together, there must be room for them.
    private void requireRoom(List<Subgroup> all) {
        List<Subgroup> largest = all.stream()
                .sorted(Comparator.comparingLong(Subgroup::bytes).reversed())
                .limit(RESIDENT)
                .toList();
        long needed = largest.stream().mapToLong(Subgroup::bytes).sum();
        if (form.limit > 0 && needed > form.limit) {
            throw new IllegalArgumentException("offload: a limit of " + form.limit + " bytes, but the state of up to "
                    + RESIDENT + " subgroups is in memory, and they may take " + needed + " bytes, the largest "
                    + largest.getFirst().bytes() + " for " + largest.getFirst().paths()
                    + "; use smaller ones, or state in fewer bits");
        }
    }

    @Override
    public void step(double gradientScale) {
        ready();
        meter.clear();
        BitSet copied = new BitSet();
        IntStream.range(0, subgroups.size())
                .filter(i -> (i + 1) % stride == 0 && subgroups.get(i).isDue())
                .forEach(copied::set);
        CompletableFuture<Map<String, Tensor>> fetched = fetch(copied.nextSetBit(0));
        CompletableFuture<?> stored = CompletableFuture.completedFuture(null);
        try {
            for (int i = 0; i < subgroups.size(); i++) {
                if (copied.get(i)) {
                    subgroups.get(i).use(Link.await(fetched));
                    fetched = fetch(copied.nextSetBit(i + 1));
                }
                try {
                    update(i, copied.get(i), gradientScale);
                } finally {
                    Link.await(stored);
                    stored = store(i, copied.get(i));
                }
            }
        } finally {
            if (fetched != null) {
                fetched.thenAccept(this::drop);
            }
        }
        count();
        choose();
    }

    private void update(int i, boolean copy, double gradientScale) {
        Subgroup one = subgroups.get(i);
        if (one.isDue()) {
            Kind kind = copy ? Kind.DEVICE : Kind.HOST;
            observer.accept(new Event(kind, i));
            long begun = System.nanoTime();
            one.optimizer().step(gradientScale);
            meter.add(kind, System.nanoTime() - begun, one.size());
        } else {
            // Counts.
            one.optimizer().step(gradientScale);
        }
    }

    /// Begins to fetch the state of a subgroup; null when there is none.
    private CompletableFuture<Map<String, Tensor>> fetch(int i) {
        if (i < 0) {
            return null;
        }
        Subgroup one = subgroups.get(i);
        observer.accept(new Event(Kind.FETCH, i));
        return link.submit(() -> {
            long begun = System.nanoTime();
            hold(one.bytes());
            Map<String, Tensor> copies = one.copies();
            meter.add(Kind.FETCH, System.nanoTime() - begun, one.size());
            return copies;
        });
    }

    /// Begins to bring back what is away.
    private CompletableFuture<?> store(int i, boolean copy) {
        Subgroup one = subgroups.get(i);
        Map<String, Tensor> away = one.leave();
        if (away.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        Kind kind = copy ? Kind.FLUSH : Kind.BACK;
        observer.accept(new Event(kind, i));
        if (!copy) {
            hold(one.bytes());
        }
        return link.submit(() -> {
            long begun = System.nanoTime();
            one.store(away);
            resident.addAndGet(-one.bytes());
            meter.add(kind, System.nanoTime() - begun, one.size());
            return null;
        });
    }

    private void hold(long bytes) {
        peak.accumulateAndGet(resident.addAndGet(bytes), Math::max);
    }

    private void drop(Map<String, Tensor> copies) {
        copies.values().forEach(copy -> {
            resident.addAndGet(-copy.storage().byteSize());
            copy.storage().release();
        });
    }

    private void choose() {
        if (form.stride == 0 && steps() - begun == TRIED_STEPS) {
            link.finish();
            meter.model().ifPresent(model -> stride = model.stride(subgroups.size()));
        }
    }

    /// Every how many subgroups one is updated in memory.
    public long stride() {
        return stride;
    }

    /// The most bytes of state that were in memory at the same time, since this was made.
    public long peakBytes() {
        return peak.get();
    }

    /// Waits for copies, and checks that the file is as long as it was.
    private void ready() {
        link.finish();
        if (file != null) {
            file.requireWhole();
        }
    }

    private void bringHome() {
        subgroups.forEach(one -> one.store(one.leave()));
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        ready();
        try {
            return super.evaluating(work);
        } finally {
            bringHome();
        }
    }

    @Override
    public void training() {
        ready();
        super.training();
        bringHome();
    }

    @Override
    public SequencedMap<String, Tensor> state() {
        ready();
        return super.state();
    }

    @Override
    public void load(long steps, Map<String, Tensor> state) {
        super.load(steps, state);
        bringHome();
        begun = steps;
    }

    @Override
    public void add(ParameterGroup group) {
        ready();
        take(List.of(group), true);
    }

    /// Ends the use of the file and deletes it.
    @Override
    public void close() {
        link.finish();
        if (file != null) {
            file.close();
        }
    }
}
