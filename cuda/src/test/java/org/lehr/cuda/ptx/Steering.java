package org.lehr.cuda.ptx;

/// An instruction after which lanes may go on elsewhere or not at all. They stand behind it when it begins.
record Steering(Instruction action) implements Instruction {

    @Override
    public void execute(Warp warp, int lanes) {
        action.execute(warp, lanes);
    }

    @Override
    public boolean steers() {
        return true;
    }
}
