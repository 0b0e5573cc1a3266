package org.lehr.cuda.ptx;

/// One instruction, its registers and targets found.
@FunctionalInterface
interface Instruction {

    /// Runs it for some lanes of a warp, a bit each, at least one.
    void execute(Warp warp, int lanes);

    /// Whether it decides itself where the lanes go on. Others go on behind it.
    default boolean steers() {
        return false;
    }
}
