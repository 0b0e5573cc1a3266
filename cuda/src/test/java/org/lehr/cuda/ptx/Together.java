package org.lehr.cuda.ptx;

/// An instruction that the lanes of a warp run together once all that a mask names are there.
///
/// @param members register of the mask
record Together(int members, Action action) implements Instruction {

    /// What they do.
    @FunctionalInterface
    interface Action {

        /// @param lanes those that are there: all living ones that the mask names
        void perform(Warp warp, int lanes);
    }

    @Override
    public void execute(Warp warp, int lanes) {
        int there = warp.meet(lanes, members);
        if (there != 0) {
            action.perform(warp, there);
        }
    }

    @Override
    public boolean steers() {
        return true;
    }
}
