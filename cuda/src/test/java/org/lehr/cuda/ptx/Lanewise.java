package org.lehr.cuda.ptx;

import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// An instruction that computes one register from others of the same lane.
sealed interface Lanewise extends Instruction {

    /// A function of three numbers.
    @FunctionalInterface
    interface Ternary {
        long apply(long a, long b, long c);
    }

    record Of1(int to, int a, LongUnaryOperator function) implements Lanewise {
        @Override
        public void execute(Warp warp, int lanes) {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                r[to + lane] = function.applyAsLong(r[a + lane]);
            }
        }
    }

    record Of2(int to, int a, int b, LongBinaryOperator function) implements Lanewise {
        @Override
        public void execute(Warp warp, int lanes) {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                r[to + lane] = function.applyAsLong(r[a + lane], r[b + lane]);
            }
        }
    }

    record Of3(int to, int a, int b, int c, Ternary function) implements Lanewise {
        @Override
        public void execute(Warp warp, int lanes) {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                r[to + lane] = function.apply(r[a + lane], r[b + lane], r[c + lane]);
            }
        }
    }
}
