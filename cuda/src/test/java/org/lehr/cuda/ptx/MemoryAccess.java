package org.lehr.cuda.ptx;

import org.lehr.cuda.ptx.PtxFault.Kind;

/// Loads and stores.
final class MemoryAccess {

    private MemoryAccess() {}

    static Instruction decode(Statement s, Frame f) {
        return switch (s.opcode()) {
            case "ld", "ldu" -> load(s, f);
            case "st" -> store(s, f);
            default -> (warp, lanes) -> {};
        };
    }

    /// Where an instruction finds memory.
    ///
    /// @param base register of an address
    /// @param offset what is added to it
    record Place(Space space, int base, long offset) {

        static Place of(Operand operand, Statement s, Frame f) {
            if (!(operand instanceof Operand.Address(Operand base, long offset))) {
                throw s.unknown("expected an address in brackets");
            }
            Space space = Space.of(s);
            boolean passed = space == Space.PARAMETER
                    && base instanceof Operand.Name(String name)
                    && !f.isKernelParameter(name)
                    && !f.text().registers.contains(name);
            return new Place(passed ? Space.LOCAL : space, f.read(base, s), offset);
        }

        long address(Warp warp, int lane) {
            long address = warp.registers[base + lane] + offset;
            return space == Space.SHARED || space == Space.LOCAL ? (int) address : address;
        }

        Space spaceOf(long address) {
            return space == Space.GENERIC ? Space.ofGeneric(address) : space;
        }

        /// The address within its space.
        long within(long address) {
            return space == Space.GENERIC ? address - Space.ofGeneric(address).window() : address;
        }

        /// Reads 1, 2, 4 or 8 bytes.
        long load(Warp warp, int lane, long address, int bytes, boolean strong) {
            long within = within(address);
            return switch (spaceOf(address)) {
                case SHARED -> warp.block().shared().load(warp, lane, within, bytes, strong);
                case LOCAL -> warp.local().load(lane, within, bytes);
                case PARAMETER -> parameter(warp, lane, within, bytes);
                default -> {
                    Tract tract = global(warp, lane, within, strong);
                    yield tract.load(warp, lane, GlobalMemory.offset(within), bytes, strong);
                }
            };
        }

        private static Tract global(Warp warp, int lane, long address, boolean strong) {
            if (strong) {
                warp.history().access(warp.block().number());
            }
            return warp.block().launch().memory().find(warp, lane, address);
        }

        private static long parameter(Warp warp, int lane, long offset, int bytes) {
            byte[] parameters = warp.block().launch().parameters();
            if (offset < 0 || offset > parameters.length - bytes) {
                throw warp.fault(
                        Kind.OUT_OF_BOUNDS,
                        lane,
                        "reads " + bytes + " bytes at " + offset + " of " + parameters.length + " bytes of parameters");
            }
            return Page.get(parameters, (int) offset, bytes);
        }

        void store(Warp warp, int lane, long address, int bytes, long value, boolean strong) {
            long within = within(address);
            switch (spaceOf(address)) {
                case SHARED -> warp.block().shared().store(warp, lane, within, bytes, value, strong);
                case LOCAL -> warp.local().store(lane, within, bytes, value);
                case PARAMETER -> throw warp.fault(Kind.READ_ONLY, lane, "writes parameters");
                default -> {
                    Tract tract = global(warp, lane, within, strong);
                    tract.store(warp, lane, GlobalMemory.offset(within), bytes, value, strong);
                }
            }
        }

        /// @throws PtxFault where an address is no multiple of all that a vector access touches
        void checkAligned(Warp warp, int lane, long address, int bytes) {
            if ((address & bytes - 1) != 0) {
                throw warp.fault(
                        Kind.MISALIGNED,
                        lane,
                        "touches " + bytes + " bytes at once at the address 0x" + Long.toHexString(address));
            }
        }
    }

    private static boolean isStrong(Statement s) {
        return s.has("volatile") || s.has("relaxed") || s.has("acquire") || s.has("release");
    }

    private static Instruction load(Statement s, Frame f) {
        Type type = s.type();
        int[] to = f.writeAll(s.operand(0), s);
        Place place = Place.of(s.operand(1), s, f);
        boolean strong = isStrong(s);
        int bytes = type.bytes();
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long address = place.address(warp, lane);
                place.checkAligned(warp, lane, address, bytes * to.length);
                for (int i = 0; i < to.length; i++) {
                    r[to[i] + lane] = type.extend(place.load(warp, lane, address + i * bytes, bytes, strong));
                }
            }
        };
    }

    private static Instruction store(Statement s, Frame f) {
        int bytes = s.type().bytes();
        int[] from = f.readAll(s.operand(1), s);
        Place place = Place.of(s.operand(0), s, f);
        boolean strong = isStrong(s);
        return (warp, lanes) -> {
            long[] r = warp.registers;
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long address = place.address(warp, lane);
                place.checkAligned(warp, lane, address, bytes * from.length);
                for (int i = 0; i < from.length; i++) {
                    place.store(warp, lane, address + i * bytes, bytes, r[from[i] + lane], strong);
                }
            }
        };
    }
}
