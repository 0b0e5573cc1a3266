package org.lehr.cuda.ptx;

/// An instruction in its place of a program.
///
/// @param guard the register whose lowest bit switches it on, or -1
/// @param inverted whether that bit switches it off instead
record Step(Instruction instruction, Statement statement, int guard, boolean inverted) {

    /// Those of the lanes for which it is on.
    int on(Warp warp, int lanes) {
        if (guard < 0) {
            return lanes;
        }
        int on = 0;
        for (int left = lanes; left != 0; left &= left - 1) {
            int lane = Integer.numberOfTrailingZeros(left);
            if ((warp.registers[guard + lane] & 1) == 0 == inverted) {
                on |= 1 << lane;
            }
        }
        return on;
    }
}
