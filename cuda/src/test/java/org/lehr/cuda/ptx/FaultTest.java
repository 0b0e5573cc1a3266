package org.lehr.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.cuda.ptx.PtxFault.Kind;

class FaultTest {

    private static final int LINES_AFTER_MARK = 12;

    private final Kernels kernels = new Kernels("faulty");

    private PtxFault found(Kind kind, String kernel, int blocks, int threads, Number... parameters) {
        PtxFault fault =
                assertThrows(PtxFault.class, () -> kernels.launch(kernel, blocks, threads, parameters), kernel);
        assertEquals(kind, fault.kind(), fault::getMessage);
        int mark = kernels.lineOfMark(kernel);
        assertTrue(
                fault.line() > mark && fault.line() <= mark + LINES_AFTER_MARK,
                () -> fault.getMessage() + ", the mark is in line " + mark);
        assertTrue(fault.getMessage().startsWith(kernel + ", faulty.ptx:" + fault.line()), fault::getMessage);
        return fault;
    }

    private static float[] ramp(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }

    @Test
    void findsWritesBehindTheEnd() {
        PtxFault fault = found(Kind.OUT_OF_BOUNDS, "outOfBounds", 3, 32, kernels.room(4 * 70), 70);
        assertEquals("(2, 0, 0)", fault.block());
        assertEquals(70 - 64, fault.thread());
        assertTrue(fault.getMessage().contains("writes 4 bytes at 280 of room of 280 bytes"), fault::getMessage);
    }

    @Test
    void findsReadsBeforeTheStart() {
        found(Kind.OUT_OF_BOUNDS, "negativeOffset", 1, 32, kernels.room(128), kernels.of(ramp(32)));
    }

    @Test
    void findsAddressesThatAreNone() {
        long good = kernels.of(ramp(1));
        PtxFault fault = found(Kind.OUT_OF_BOUNDS, "nowhere", 1, 2, kernels.room(8), kernels.of(good, 0L));
        assertEquals(1, fault.thread());
    }

    @Test
    void findsWritesBehindSharedMemory() {
        assertEquals(
                31,
                found(Kind.OUT_OF_BOUNDS, "outOfShared", 1, 32, kernels.room(128))
                        .thread());
    }

    @Test
    void findsMemoryThatWasFreed() {
        long freed = kernels.of(ramp(32));
        kernels.machine.memory().free(freed);
        found(Kind.USE_AFTER_FREE, "plainCopy", 1, 32, kernels.room(128), freed);
    }

    @Test
    void findsMemoryThatNobodyWrote() {
        long half = kernels.room(128);
        kernels.machine.memory().copy(half, kernels.of(ramp(20)), 80);
        PtxFault fault = found(Kind.UNWRITTEN, "plainCopy", 1, 32, kernels.room(128), half);
        assertEquals(20, fault.thread());
        long copied = kernels.room(128);
        kernels.machine.memory().copy(copied, half, 128);
        assertEquals(
                20,
                found(Kind.UNWRITTEN, "plainCopy", 1, 32, kernels.room(128), copied)
                        .thread());
    }

    @Test
    void findsSharedMemoryThatNobodyWrote() {
        assertEquals(
                4,
                found(Kind.UNWRITTEN, "unwrittenShared", 2, 64, kernels.room(256))
                        .thread());
    }

    @Test
    void findsAddressesThatAreNoMultiples() {
        found(Kind.MISALIGNED, "misaligned", 1, 32, kernels.room(1024));
    }

    @Test
    void findsRacesOfABlock() {
        PtxFault fault = found(Kind.RACE, "raceInBlock", 1, 64, kernels.room(256), kernels.of(ramp(64)));
        assertTrue(fault.getMessage().contains("which thread 0 writes"), fault::getMessage);
        found(Kind.RACE, "raceInWarp", 1, 32, kernels.room(128), kernels.of(ramp(32)));
        found(Kind.RACE, "raceAfterRead", 1, 32, kernels.room(128), kernels.of(ramp(32)));
        found(Kind.RACE, "raceOfWrites", 1, 64, kernels.room(256));
    }

    @Test
    void findsRacesBetweenBlocks() {
        PtxFault fault = found(Kind.RACE, "raceOfBlocks", 2, 32, kernels.room(128));
        assertTrue(fault.getMessage().contains("which thread 0 of block (0, 0, 0) writes"), fault::getMessage);
        found(Kind.RACE, "raceAcrossBlocks", 2, 32, kernels.room(256));
        found(Kind.RACE, "raceWithAtomic", 1, 32, kernels.of(ramp(33)));
    }

    @Test
    void findsBarriersThatNotAllReach() {
        found(Kind.BARRIER, "twoBarriers", 1, 64, kernels.room(256), 7);
        endsWhileThread0Waits("divergentBarrier", 16, kernels.room(256));
        endsWhileThread0Waits("exitBeforeBarrier", 40, kernels.room(256), 40);
    }

    private void endsWhileThread0Waits(String kernel, int thread, Number... parameters) {
        PtxFault fault = assertThrows(PtxFault.class, () -> kernels.launch(kernel, 1, 64, parameters));
        assertEquals(Kind.BARRIER, fault.kind());
        assertEquals(thread, fault.thread());
        String place = "ends while thread 0 waits for it at line " + (kernels.lineOfMark(kernel) + 2);
        assertTrue(fault.getMessage().contains(place), fault::getMessage);
    }

    @Test
    void findsExchangeWithLanesThatAreNotThere() {
        found(Kind.LANES, "lanesMissing", 1, 32, kernels.room(128), 10);
        found(Kind.LANES, "laneOutsideMask", 1, 32, kernels.room(128));
        assertEquals(
                16, found(Kind.LANES, "notInMask", 1, 32, kernels.room(128)).thread());
    }

    @Test
    void findsKernelsThatDoNotEnd() {
        found(Kind.STEP_LIMIT, "endless", 1, 1, kernels.of(0f));
    }

    @Test
    void findsTheRest() {
        found(Kind.DIVISION_BY_ZERO, "dividesByZero", 1, 2, kernels.room(8), kernels.of(3, 0));
        assertEquals(7, found(Kind.TRAP, "traps", 1, 32, kernels.room(128)).thread());
        found(Kind.PENDING_COPY, "readsTooEarly", 1, 32, kernels.room(128), kernels.of(ramp(32)));
        found(Kind.READ_ONLY, "writesConstants", 1, 4, kernels.room(128));
    }

    @Test
    void namesInstructionsThatItDoesNotKnow() {
        PtxSyntaxException e =
                assertThrows(PtxSyntaxException.class, () -> Probe.run("wgmma.fence.sync.aligned;", new long[1][3]));
        assertTrue(
                e.getMessage().startsWith("probe.ptx, line " + Probe.firstLine() + ": wgmma.fence.sync.aligned"),
                e::getMessage);
    }
}
