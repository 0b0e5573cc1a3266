package org.lehr.kernels.pointwise;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.convert.Run;

/// One operation over dense runs of its compute dtype, by the very loop that [PointwiseKernel] uses for it: for kernels
/// that do several operations and have no loop of their own for them yet.
public final class SingleLoop {

    private final Loop loop;
    private final int[] steps;

    private SingleLoop(Loop loop, int... steps) {
        this.loop = loop;
        this.steps = steps;
    }

    /// For bodies of this class over float32 in whole vectors.
    ///
    /// @param steps for each operand 1, or 0 for a repeated value, see [Run]; not all 0
    public static SingleLoop lanes(Class<?> body, int... steps) {
        return new SingleLoop(Loops.LANES.get(body), steps);
    }

    /// For operations of this class over float64.
    public static SingleLoop doubles(Class<?> op, int... steps) {
        return new SingleLoop(Loops.FLOAT64.get(op), steps);
    }

    /// Computes `n` values. Run `k` begins `places[k]` bytes into `memory[k]`.
    ///
    /// @param runs which of them are the operands, and last the output
    public void apply(Object body, MemorySegment[] memory, long[] places, int[] runs, int n) {
        Run out = run(memory, places, runs[steps.length], 1);
        Run a = run(memory, places, runs[0], steps[0]);
        if (steps.length == 1) {
            loop.unary(body, out, a, n);
            return;
        }
        Run b = run(memory, places, runs[1], steps[1]);
        if (steps.length == 2) {
            loop.binary(body, out, a, b, n);
        } else {
            loop.ternary(body, out, a, b, run(memory, places, runs[2], steps[2]), n);
        }
    }

    private static Run run(MemorySegment[] memory, long[] places, int run, int step) {
        return new Run(memory[run], places[run], step);
    }
}
