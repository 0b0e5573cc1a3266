package org.lehr.kernels.fusion;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.lehr.kernels.pointwise.SingleLoop;

/// How a chain of a given shape is run over a block of values: one loop after the other, with what passes from one to
/// the next in slots of scratch memory that stay in the first-level cache.
///
/// A chain that a single loop can hold is a single loop, through which no value passes by way of memory. The compiler
/// bounds what that can be (see [Weight#LOOP]), so longer chains are several. And a loop of our own has to be
/// compiled before it is fast: a shape that has not yet been asked for many values runs operation by operation, in the
/// loops that all chains share.
final class Program {

    private static final int SHAPES = 256;
    private static final int LOOPS = 1024;
    private static final Recent<LoopShape, Program> PROGRAMS = new Recent<>(SHAPES, Program::new);
    private static final Recent<LoopShape, FusedLoop> GENERATED = new Recent<>(LOOPS, LoopWriter::loop);

    /// One loop of a program.
    ///
    /// @param loop what runs
    /// @param from the first of the shape's instructions that it does
    /// @param to after the last of them
    /// @param runs what it loads and stores: input `i`, then the output, then the slots, counted through
    record Stage(FusedLoop loop, int from, int to, int... runs) {}

    private final LoopShape shape;
    private final List<Stage> steps;
    private final AtomicLong values = new AtomicLong();
    private volatile List<Stage> merged;

    private Program(LoopShape shape) {
        this.shape = shape;
        this.steps = new Staging(shape).stages(true);
    }

    /// The program for chains of this shape, whose one result is what the chain gives.
    static Program of(LoopShape shape) {
        return PROGRAMS.get(shape);
    }

    /// What to run for `count` values.
    List<Stage> stages(long count) {
        if (merged == null && (values.addAndGet(count) >= Fusion.settings().warm())) {
            merged = new Staging(shape).stages(false);
        }
        return merged != null ? merged : steps;
    }

    /// Slots that some stage stores to, for either way.
    static int slots(List<Stage> stages, int inputs) {
        return stages.stream()
                        .flatMapToInt(stage -> Arrays.stream(stage.runs()))
                        .max()
                        .orElse(inputs)
                - inputs;
    }

    /// Cuts a shape into loops.
    private static final class Staging {

        private final LoopShape shape;
        private final int loads;
        private final int count;
        private final int[] lastRead;
        private final int[] slot;
        private final BitSet taken = new BitSet();

        Staging(LoopShape shape) {
            this.shape = shape;
            loads = shape.loads();
            count = shape.code().size();
            lastRead = new int[loads + count];
            slot = new int[loads + count];
            for (int k = 0; k < count; k++) {
                for (int operand : shape.code().get(k).operands()) {
                    lastRead[operand] = k;
                }
            }
        }

        List<Stage> stages(boolean single) {
            List<Stage> stages = new ArrayList<>();
            for (int from = 0, to; from < count || stages.isEmpty(); from = to) {
                to = single ? Math.min(from + 1, count) : end(from);
                stages.add(stage(from, to));
            }
            return stages;
        }

        /// As many instructions as fit into a loop, at least one: an expensive one has to come early or not at
        /// all.
        private int end(int from) {
            BitSet loaded = new BitSet();
            int before = 0;
            int to = from;
            while (to < count) {
                LoopShape.Instruction next = shape.code().get(to);
                next.operands().stream().filter(v -> v < loads + from).forEach(loaded::set);
                int weight = Weight.of(next.body());
                if (to > from && before + loaded.cardinality() > (weight > Weight.LIGHT ? Weight.EARLY : Weight.LOOP)) {
                    break;
                }
                before += weight;
                to++;
            }
            return to;
        }

        private Stage stage(int from, int to) {
            List<Integer> read = new ArrayList<>();
            for (int k = from; k < to; k++) {
                for (int operand : shape.code().get(k).operands()) {
                    if (operand < loads + from && !read.contains(operand)) {
                        read.add(operand);
                    }
                }
            }
            int result = shape.results().getFirst();
            if (count == 0) {
                read.add(result);
            }
            List<Integer> written = new ArrayList<>();
            for (int v = loads + from; v < loads + to; v++) {
                if (lastRead[v] >= to || v == result) {
                    written.add(v);
                }
            }
            if (count == 0) {
                written.add(result);
            }
            int[] runs = new int[read.size() + written.size()];
            for (int r = 0; r < read.size(); r++) {
                runs[r] = read.get(r) < loads ? read.get(r) : loads + 1 + slot[read.get(r)];
            }
            // A value is loaded before anything is stored at its place, so a slot read for the last time is free.
            read.stream().filter(v -> v >= loads && lastRead[v] < to).forEach(v -> taken.clear(slot[v]));
            for (int w = 0; w < written.size(); w++) {
                int v = written.get(w);
                if (v == result) {
                    runs[read.size() + w] = loads;
                } else {
                    slot[v] = taken.nextClearBit(0);
                    taken.set(slot[v]);
                    runs[read.size() + w] = loads + 1 + slot[v];
                }
            }
            LoopShape part = part(from, to, read, written);
            return new Stage(to - from == 1 ? single(part) : GENERATED.get(part), from, to, runs);
        }

        /// The shape of the loop over instructions `from` to `to`, its values numbered anew.
        private LoopShape part(int from, int to, List<Integer> read, List<Integer> written) {
            List<LoopShape.Instruction> code = new ArrayList<>();
            for (LoopShape.Instruction whole : shape.code().subList(from, to)) {
                List<Integer> operands = whole.operands().stream()
                        .map(v -> number(v, from, read))
                        .toList();
                code.add(new LoopShape.Instruction(whole.body(), operands));
            }
            return new LoopShape(
                    shape.lanes(),
                    read.stream().map(v -> v < loads && shape.repeated().get(v)).toList(),
                    List.copyOf(code),
                    written.stream().map(v -> number(v, from, read)).toList());
        }

        private int number(int v, int from, List<Integer> read) {
            int loaded = read.indexOf(v);
            return loaded >= 0 ? loaded : read.size() + v - loads - from;
        }

        private FusedLoop single(LoopShape part) {
            boolean plain = part.code().size() == 1
                    && part.results().size() == 1
                    && part.repeated().contains(false);
            if (!plain) {
                return GENERATED.get(part);
            }
            List<Integer> operands = part.code().getFirst().operands();
            int[] steps = operands.stream()
                    .mapToInt(v -> part.repeated().get(v) ? 0 : 1)
                    .toArray();
            int[] order = new int[operands.size() + 1];
            Arrays.setAll(order, k -> k < operands.size() ? operands.get(k) : part.loads());
            Class<?> body = part.code().getFirst().body();
            SingleLoop loop = part.lanes() ? SingleLoop.lanes(body, steps) : SingleLoop.doubles(body, steps);
            return (bodies, memory, places, n) -> loop.apply(bodies[0], memory, places, order, n);
        }
    }
}
