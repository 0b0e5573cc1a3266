package org.lehr.cuda.ptx;

import org.lehr.cuda.ptx.PtxFault.Kind;

/// Products of small matrices that a warp holds together, and how it loads them.
///
/// `mma.sync` with float32 sums: products are exact, they are added to C in float64 in the order of k, and the sum is
/// rounded once, to the nearest. Tensor cores align and truncate products instead, so that results of a device differ
/// by their rounding.
final class Matrices {

    private static final int ROWS = 16;
    private static final int COLUMNS = 8;
    private static final int ALL = -1;

    private Matrices() {}

    static Instruction decode(Statement s, Frame f) {
        return s.opcode().equals("mma") ? multiplication(s, f) : loading(s, f);
    }

    private static Instruction multiplication(Statement s, Frame f) {
        Type type = s.types().get(1);
        boolean known = s.types().size() == 4
                && s.types().get(0) == Type.F32
                && s.types().get(2) == type
                && s.types().get(3) == Type.F32
                && (type == Type.TF32 || type == Type.F16 || type == Type.BF16);
        String shape = s.words().stream()
                .filter(w -> w.startsWith("m16n8k"))
                .findFirst()
                .orElse("");
        if (!known || shape.isEmpty() || !s.has("row") || !s.has("col")) {
            throw s.unknown("is a product that is unknown to this machine");
        }
        int depth = Integer.parseInt(shape.substring("m16n8k".length()));
        int[] to = f.writeAll(s.operand(0), s);
        int[] a = f.readAll(s.operand(1), s);
        int[] b = f.readAll(s.operand(2), s);
        int[] c = f.readAll(s.operand(3), s);
        int packed = Integer.SIZE / type.bits();
        if (a.length * packed * Warp.LANES != ROWS * depth || b.length * packed * Warp.LANES != COLUMNS * depth) {
            throw s.unknown("has the wrong number of registers for its shape");
        }
        Fragments fragments = new Fragments(Format.of(type), packed, depth);
        return (warp, lanes) -> {
            checkAll(warp, lanes);
            double[][] left = fragments.first(warp, a);
            double[][] right = fragments.second(warp, b);
            for (int lane = 0; lane < Warp.LANES; lane++) {
                for (int i = 0; i < to.length; i++) {
                    int row = lane / 4 + i / 2 * 8;
                    int column = lane % 4 * 2 + i % 2;
                    double sum = Format.F32.decode(warp.registers[c[i] + lane]);
                    for (int k = 0; k < depth; k++) {
                        sum += left[row][k] * right[k][column];
                    }
                    warp.registers[to[i] + lane] = Format.F32.encode(sum, Rounding.NEAREST);
                }
            }
        };
    }

    private static void checkAll(Warp warp, int lanes) {
        if (lanes != ALL) {
            throw warp.fault(
                    Kind.LANES,
                    Integer.numberOfTrailingZeros(lanes),
                    "needs all lanes, only 0x" + Integer.toHexString(lanes) + " are there");
        }
    }

    /// Which lane and register holds which element, as the instruction set lays them out.
    ///
    /// @param packed elements in a register
    private record Fragments(Format format, int packed, int depth) {

        /// `[16][depth]`: register pairs go down by 8 rows, further ones right by 4 groups.
        private double[][] first(Warp warp, int[] registers) {
            double[][] matrix = new double[ROWS][depth];
            for (int lane = 0; lane < Warp.LANES; lane++) {
                for (int i = 0; i < registers.length; i++) {
                    for (int part = 0; part < packed; part++) {
                        matrix[lane / 4 + i % 2 * 8][column(lane, i / 2, part)] =
                                element(warp.registers[registers[i] + lane], part);
                    }
                }
            }
            return matrix;
        }

        /// `[depth][8]`
        private double[][] second(Warp warp, int[] registers) {
            double[][] matrix = new double[depth][COLUMNS];
            for (int lane = 0; lane < Warp.LANES; lane++) {
                for (int i = 0; i < registers.length; i++) {
                    for (int part = 0; part < packed; part++) {
                        matrix[column(lane, i, part)][lane / 4] = element(warp.registers[registers[i] + lane], part);
                    }
                }
            }
            return matrix;
        }

        private int column(int lane, int group, int part) {
            return lane % 4 * packed + group * 4 * packed + part;
        }

        private double element(long register, int part) {
            return format.decode(packed == 1 ? register : register >>> 16 * part & 0xffff);
        }
    }

    /// `ldmatrix`: matrices of 8 x 8 elements of 16 bits; lanes 8i to 8i + 7 give the addresses of the rows of the
    /// i-th.
    private static Instruction loading(Statement s, Frame f) {
        if (!s.has("m8n8") || s.type() != Type.B16 || Space.of(s) != Space.SHARED) {
            throw s.unknown("is unknown to this machine");
        }
        int[] to = f.writeAll(s.operand(0), s);
        MemoryAccess.Place place = MemoryAccess.Place.of(s.operand(1), s, f);
        boolean transposed = s.has("trans");
        return (warp, lanes) -> {
            checkAll(warp, lanes);
            for (int i = 0; i < to.length; i++) {
                long[][] matrix = new long[8][];
                for (int row = 0; row < 8; row++) {
                    matrix[row] = row(warp, place, 8 * i + row);
                }
                for (int lane = 0; lane < Warp.LANES; lane++) {
                    int row = lane / 4;
                    int column = lane % 4 * 2;
                    warp.registers[to[i] + lane] = transposed
                            ? matrix[column][row] | matrix[column + 1][row] << 16
                            : matrix[row][column] | matrix[row][column + 1] << 16;
                }
            }
        };
    }

    private static long[] row(Warp warp, MemoryAccess.Place place, int lane) {
        long address = place.address(warp, lane);
        place.checkAligned(warp, lane, address, 16);
        long[] row = new long[8];
        for (int i = 0; i < row.length; i++) {
            row[i] = place.load(warp, lane, address + 2 * i, 2, false);
        }
        return row;
    }
}
