package org.lehr.cuda.ptx;

/// The spaces of memory.
enum Space {
    GLOBAL(0),
    SHARED(GlobalMemory.SHARED),
    LOCAL(GlobalMemory.LOCAL),
    PARAMETER(GlobalMemory.PARAMETERS),
    GENERIC(0);

    private final long window;

    Space(long window) {
        this.window = window;
    }

    /// What to add to an address of this space to get its generic one.
    long window() {
        return window;
    }

    /// The space that an instruction names; constants are global memory that nobody may write.
    static Space of(Statement s) {
        for (String word : s.words()) {
            switch (word) {
                case "global", "const" -> {
                    return GLOBAL;
                }
                case "shared" -> {
                    return SHARED;
                }
                case "local" -> {
                    return LOCAL;
                }
                case "param" -> {
                    return PARAMETER;
                }
                default -> {}
            }
        }
        return GENERIC;
    }

    /// The space in whose window a generic address is.
    static Space ofGeneric(long address) {
        return switch ((int) Math.min(address >>> GlobalMemory.WINDOW_BITS, Integer.MAX_VALUE)) {
            case 1 -> SHARED;
            case 2 -> LOCAL;
            case 3 -> PARAMETER;
            default -> GLOBAL;
        };
    }
}
