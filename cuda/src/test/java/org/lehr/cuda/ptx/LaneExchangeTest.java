package org.lehr.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.function.IntToLongFunction;
import org.junit.jupiter.api.Test;
import org.lehr.cuda.ptx.PtxFault.Kind;

class LaneExchangeTest {

    private static final long[][] VALUES = new long[32][];

    static {
        for (int lane = 0; lane < 32; lane++) {
            VALUES[lane] = new long[] {lane * lane + 3L, lane / 5, lane % 3};
        }
    }

    private static void check(String instructions, IntToLongFunction expected) {
        long[] wanted = new long[32];
        Arrays.setAll(wanted, expected);
        assertArrayEquals(wanted, Probe.run(instructions, VALUES), instructions);
    }

    private static void check32(String instructions, IntToLongFunction expected) {
        check(instructions + " cvt.u64.u32 %d, %r4;", expected);
    }

    private static long value(int lane) {
        return VALUES[lane][0];
    }

    @Test
    void shuffles() {
        check32("shfl.sync.bfly.b32 %r4, %r1, 5, 31, -1;", l -> value(l ^ 5));
        check32("shfl.sync.down.b32 %r4, %r1, 3, 31, -1;", l -> value(l + 3 < 32 ? l + 3 : l));
        check32("shfl.sync.up.b32 %r4, %r1, 3, 0, -1;", l -> value(l >= 3 ? l - 3 : l));
        check32("shfl.sync.idx.b32 %r4, %r1, 9, 31, -1;", l -> value(9));
        // Segments of eight lanes.
        check32("shfl.sync.idx.b32 %r4, %r1, 2, 0x181f, -1;", l -> value(l / 8 * 8 + 2));
        check32("shfl.sync.down.b32 %r4, %r1, 3, 0x181f, -1;", l -> value(l % 8 + 3 < 8 ? l + 3 : l));
        check("shfl.sync.up.b32 %r4|%p1, %r1, 2, 0, -1; selp.u64 %d, 1, 0, %p1;", l -> l >= 2 ? 1 : 0);
    }

    @Test
    void votes() {
        String odd = "and.b32 %r4, %t, 1; setp.eq.s32 %p1, %r4, 1; ";
        check32(odd + "vote.sync.ballot.b32 %r4, %p1, -1;", l -> 0xaaaaaaaaL);
        check32(odd + "vote.sync.ballot.b32 %r4, !%p1, -1;", l -> 0x55555555L);
        check(odd + "vote.sync.any.pred %p2, %p1, -1; selp.u64 %d, 1, 0, %p2;", l -> 1);
        check(odd + "vote.sync.all.pred %p2, %p1, -1; selp.u64 %d, 1, 0, %p2;", l -> 0);
        check(odd + "vote.sync.uni.pred %p2, %p1, -1; selp.u64 %d, 1, 0, %p2;", l -> 0);
        check32(odd + "mov.u32 %r4, 7; @%p1 activemask.b32 %r4;", l -> l % 2 == 1 ? 0xaaaaaaaaL : 7);
    }

    @Test
    void matches() {
        check32(
                "match.any.sync.b32 %r4, %r2, -1;",
                l -> {
                    long same = 0;
                    for (int other = 0; other < 32; other++) {
                        same |= other / 5 == l / 5 ? 1L << other : 0;
                    }
                    return same;
                });
        check32("match.all.sync.b32 %r4|%p1, %r2, -1;", l -> 0);
        check("mov.u32 %r5, 3; match.all.sync.b32 %r4|%p1, %r5, -1; selp.u64 %d, 1, 0, %p1;", l -> 1);
    }

    @Test
    void reduces() {
        long sum = 0;
        for (int lane = 0; lane < 32; lane++) {
            sum += value(lane);
        }
        long all = sum;
        check32("redux.sync.add.u32 %r4, %r1, -1;", l -> all);
        check32("redux.sync.max.s32 %r4, %r1, -1;", l -> value(31));
        check32("neg.s32 %r5, %r1; redux.sync.min.s32 %r4, %r5, -1;", l -> -value(31) & 0xffffffffL);
        check32("elect.sync %r4|%p1, -1;", l -> 0);
    }

    @Test
    void meetsLanesThatComeLater() {
        String parted = "setp.lt.u32 %p1, %t, 10; @%p1 bra FIRST; add.u32 %r1, %r1, 1000; FIRST: ";
        check32(parted + "shfl.sync.idx.b32 %r4, %r1, 20, 31, -1;", l -> value(20) + 1000);
        // Both halves at the same instruction, each with a mask of its own.
        check32(
                "setp.lt.u32 %p1, %t, 16; selp.b32 %r5, 0xffff, 0xffff0000, %p1; redux.sync.max.u32 %r4, %r1, %r5;",
                l -> value(l < 16 ? 15 : 31));
    }

    @Test
    void barriersReduceOverTheBlock() {
        String third = "setp.eq.u32 %p1, %r3, 0; ";
        check32(third + "bar.red.popc.u32 %r4, 0, %p1;", l -> 11);
        check(third + "bar.red.or.pred %p2, 0, %p1; selp.u64 %d, 1, 0, %p2;", l -> 1);
        check(third + "barrier.red.and.pred %p2, 0, !%p1; selp.u64 %d, 1, 0, %p2;", l -> 0);
    }

    @Test
    void namedBarriersCountThoseWhoTakePart() {
        long[][] two = new long[64][3];
        // The first warp writes and arrives, the second waits and reads.
        String handed = "mov.u32 %r5, tile; and.b32 %r6, %t, 31; shl.b32 %r6, %r6, 2; add.u32 %r5, %r5, %r6;"
                + "setp.lt.u32 %p1, %t, 32; mov.u64 %d, 0; @!%p1 bra READ;"
                + "st.shared.u32 [%r5], %t; bar.arrive 3, 64; bra DONE;"
                + "READ: bar.sync 3, 64; ld.shared.u32 %r7, [%r5]; cvt.u64.u32 %d, %r7; DONE: ";
        long[] results = Probe.run(handed, two);
        for (int thread = 32; thread < 64; thread++) {
            assertEquals(thread - 32, results[thread]);
        }
        PtxFault fault = assertThrows(PtxFault.class, () -> Probe.run("bar.sync 3, 96;", two));
        assertEquals(Kind.BARRIER, fault.kind());
    }

    @Test
    void changesMemoryOneAfterTheOther() {
        String place = "setp.ne.u32 %p1, %t, 0; mov.u32 %r5, tile; @!%p1 st.shared.u32 [%r5], 100; bar.sync 0; ";
        check32(place + "atom.shared.add.u32 %r4, [%r5], 2;", l -> 100 + 2L * l);
        check32(place + "red.shared.max.u32 [%r5], %r1; bar.sync 0; ld.shared.u32 %r4, [%r5];", l -> value(31));
        check32(place + "atom.shared.inc.u32 %r4, [%r5], 110;", l -> l <= 10 ? 100 + l : l - 11);
        check32(place + "atom.shared.cas.b32 %r4, [%r5], 100, %t;", l -> l == 0 ? 100 : 0);
        check32(place + "atom.shared.exch.b32 %r4, [%r5], %t;", l -> l == 0 ? 100 : l - 1);
    }

    @Test
    void branchesByIndex() {
        check(
                "brx.idx %r3, LIST; LIST: .branchtargets A, B, C;"
                        + "A: mov.u64 %d, 5; bra DONE; B: mov.u64 %d, 6; bra DONE; C: mov.u64 %d, 7; DONE: ",
                l -> 5 + l % 3);
    }

    @Test
    void addressesAnySpace() {
        check32(
                "mov.u32 %r5, tile; mad.lo.u32 %r5, %t, 8, %r5; cvt.u64.u32 %l1, %r5; cvta.shared.u64 %l1, %l1;"
                        + "st.v2.u32 [%l1], {%r1, %r2}; ld.shared.u32 %r6, [%r5+4]; ld.u32 %r7, [%l1];"
                        + "isspacep.shared %p1, %l1; isspacep.global %p2, %in; selp.u32 %r8, 1000, 0, %p1;"
                        + "selp.u32 %r9, 5000, 0, %p2; add.u32 %r4, %r6, %r7; add.u32 %r4, %r4, %r8;"
                        + "add.u32 %r4, %r4, %r9;",
                l -> value(l) + l / 5 + 6000);
        PtxFault fault = assertThrows(PtxFault.class, () -> Probe.run("ld.global.v2.u64 {%d, %l2}, [%in];", VALUES));
        assertEquals(Kind.MISALIGNED, fault.kind());
        assertEquals(1, fault.thread());
    }
}
