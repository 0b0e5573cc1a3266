package org.lehr.cuda.ptx;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// The types of PTX that instructions name as `.u32`, `.f64` and so on.
enum Type {
    PRED(1, Kind.BITS),
    B8(8, Kind.BITS),
    B16(16, Kind.BITS),
    B32(32, Kind.BITS),
    B64(64, Kind.BITS),
    U8(8, Kind.UNSIGNED),
    U16(16, Kind.UNSIGNED),
    U32(32, Kind.UNSIGNED),
    U64(64, Kind.UNSIGNED),
    S8(8, Kind.SIGNED),
    S16(16, Kind.SIGNED),
    S32(32, Kind.SIGNED),
    S64(64, Kind.SIGNED),
    F16(16, Kind.FLOAT),
    BF16(16, Kind.FLOAT),
    F16X2(32, Kind.FLOAT),
    BF16X2(32, Kind.FLOAT),
    TF32(32, Kind.FLOAT),
    F32(32, Kind.FLOAT),
    F64(64, Kind.FLOAT);

    private enum Kind {
        BITS,
        UNSIGNED,
        SIGNED,
        FLOAT
    }

    private final int bits;
    private final Kind kind;

    Type(int bits, Kind kind) {
        this.bits = bits;
        this.kind = kind;
    }

    /// The type of this name without its dot, if it is one.
    static Optional<Type> of(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return Arrays.stream(values()).filter(t -> t.name().equals(upper)).findFirst();
    }

    int bits() {
        return bits;
    }

    int bytes() {
        return (bits + 7) / 8;
    }

    boolean signed() {
        return kind == Kind.SIGNED;
    }

    boolean floating() {
        return kind == Kind.FLOAT;
    }

    /// What a register holds for the low bits of `value`: extended with its sign if the type has one, else with
    /// zeros.
    long extend(long value) {
        int unused = Long.SIZE - bits;
        return signed() ? value << unused >> unused : value << unused >>> unused;
    }
}
