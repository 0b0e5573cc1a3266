package org.lehr.cuda.ptx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class IntegerInstructionTest {

    private static final long[][] NUMBERS = Probe.triples(
            0,
            1,
            2,
            3,
            7,
            31,
            32,
            33,
            63,
            64,
            255,
            0x7fff,
            0x8000,
            0x12345678,
            0x7fffffffL,
            0x80000000L,
            0xffffffffL,
            0x123456789abcdefL,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            -1,
            -2,
            -77);

    private static void check(String instruction, Lanewise.Ternary expected) {
        check(instruction, NUMBERS, expected);
    }

    private static void check(String instruction, long[][] numbers, Lanewise.Ternary expected) {
        long[] results = Probe.run(instruction, numbers);
        for (int i = 0; i < results.length; i++) {
            long[] n = numbers[i];
            assertEquals(
                    expected.apply(n[0], n[1], n[2]),
                    results[i],
                    () -> instruction + " of " + n[0] + ", " + n[1] + ", " + n[2]);
        }
    }

    /// Results of 32 bits, as unsigned 64.
    private static void check32(String instruction, Lanewise.Ternary expected) {
        check(
                instruction + " cvt.u64.u32 %d, %r4;",
                (a, b, c) -> expected.apply((int) a, (int) b, (int) c) & 0xffffffffL);
    }

    @Test
    void addsAndMultiplies() {
        check("add.s64 %d, %a, %b;", (a, b, c) -> a + b);
        check("sub.u64 %d, %a, %b;", (a, b, c) -> a - b);
        check("mul.lo.s64 %d, %a, %b;", (a, b, c) -> a * b);
        check(
                "mul.hi.s64 %d, %a, %b;",
                (a, b, c) -> wide(a).multiply(wide(b)).shiftRight(64).longValue());
        check(
                "mul.hi.u64 %d, %a, %b;",
                (a, b, c) -> unsigned(a).multiply(unsigned(b)).shiftRight(64).longValue());
        check("mad.lo.u64 %d, %a, %b, %c;", (a, b, c) -> a * b + c);
        check(
                "mad.hi.u64 %d, %a, %b, %c;",
                (a, b, c) -> unsigned(a).multiply(unsigned(b)).shiftRight(64).longValue() + c);
        check("mul.wide.s32 %d, %r1, %r2;", (a, b, c) -> (long) (int) a * (int) b);
        check("mul.wide.u32 %d, %r1, %r2;", (a, b, c) -> (a & 0xffffffffL) * (b & 0xffffffffL));
        check("mad.wide.s32 %d, %r1, %r2, %c;", (a, b, c) -> (long) (int) a * (int) b + c);
        check("mul.wide.s16 %r4, %h1, %h2; cvt.s64.s32 %d, %r4;", (a, b, c) -> (short) a * (short) b);
        check32("add.s32 %r4, %r1, %r2;", (a, b, c) -> a + b);
        check32("add.sat.s32 %r4, %r1, %r2;", (a, b, c) -> Math.clamp(a + b, Integer.MIN_VALUE, Integer.MAX_VALUE));
        check32("mul.lo.u32 %r4, %r1, %r2;", (a, b, c) -> a * b);
        check32("mul.hi.s32 %r4, %r1, %r2;", (a, b, c) -> a * b >> 32);
        check32("mul.hi.u32 %r4, %r1, %r2;", (a, b, c) -> (a & 0xffffffffL) * (b & 0xffffffffL) >>> 32);
        check32("mad.lo.s32 %r4, %r1, %r2, %r3;", (a, b, c) -> a * b + c);
        check32("mul24.lo.s32 %r4, %r1, %r2;", (a, b, c) -> ((int) a << 8 >> 8) * (long) ((int) b << 8 >> 8));
        check32("sad.u32 %r4, %r1, %r2, %r3;", (a, b, c) -> c + Math.abs((a & 0xffffffffL) - (b & 0xffffffffL)));
        check32(
                "dp4a.s32.s32 %r4, %r1, %r2, %r3;",
                (a, b, c) -> {
                    long sum = c;
                    for (int i = 0; i < 32; i += 8) {
                        sum += (byte) (a >> i) * (byte) (b >> i);
                    }
                    return sum;
                });
    }

    @Test
    void dividesByWhatIsNotZero() {
        long[][] divisible = Arrays.stream(NUMBERS)
                .filter(n -> (int) n[1] != 0 && !(n[0] == Long.MIN_VALUE && n[1] == -1))
                .toArray(long[][]::new);
        check("div.s64 %d, %a, %b;", divisible, (a, b, c) -> a / b);
        check("rem.s64 %d, %a, %b;", divisible, (a, b, c) -> a % b);
        check(
                "div.u64 %d, %a, %b;",
                divisible, (a, b, c) -> unsigned(a).divide(unsigned(b)).longValue());
        check(
                "rem.u64 %d, %a, %b;",
                divisible, (a, b, c) -> unsigned(a).mod(unsigned(b)).longValue());
        check(
                "div.u32 %r4, %r1, %r2; cvt.u64.u32 %d, %r4;",
                divisible, (a, b, c) -> (a & 0xffffffffL) / (b & 0xffffffffL));
        check("rem.s32 %r4, %r1, %r2; cvt.s64.s32 %d, %r4;", divisible, (a, b, c) -> (int) a % (int) b);
    }

    @Test
    void carriesBetweenRegisters() {
        check(
                "mov.b64 {%r4, %r5}, %a; mov.b64 {%r6, %r7}, %b; add.cc.u32 %r8, %r4, %r6; addc.u32 %r9, %r5, %r7;"
                        + " mov.b64 %d, {%r8, %r9};",
                (a, b, c) -> a + b);
        check(
                "mov.b64 {%r4, %r5}, %a; mov.b64 {%r6, %r7}, %b; sub.cc.u32 %r8, %r4, %r6; subc.u32 %r9, %r5, %r7;"
                        + " mov.b64 %d, {%r8, %r9};",
                (a, b, c) -> a - b);
        check(
                "mov.b64 {%r4, %r5}, %c; mad.lo.cc.u32 %r6, %r1, %r2, %r4; madc.hi.u32 %r7, %r1, %r2, %r5;"
                        + " mov.b64 %d, {%r6, %r7};",
                (a, b, c) -> (a & 0xffffffffL) * (b & 0xffffffffL) + c);
        check(
                "add.cc.u64 %l1, %a, %b; addc.cc.u64 %l2, %a, %c; addc.u64 %d, 0, 0;",
                (a, b, c) -> {
                    BigInteger low = unsigned(a).add(unsigned(b)).shiftRight(64);
                    return unsigned(a).add(unsigned(c)).add(low).shiftRight(64).longValue();
                });
    }

    @Test
    void comparesAndChooses() {
        check("min.s64 %d, %a, %b;", (a, b, c) -> Math.min(a, b));
        check("max.u64 %d, %a, %b;", (a, b, c) -> unsigned(a).max(unsigned(b)).longValue());
        check("setp.lt.s64 %p1, %a, %b; selp.b64 %d, %a, %c, %p1;", (a, b, c) -> a < b ? a : c);
        check(
                "setp.hs.u64 %p1, %a, %b; selp.u64 %d, 1, 0, %p1;",
                (a, b, c) -> unsigned(a).compareTo(unsigned(b)) >= 0 ? 1 : 0);
        check("setp.ne.s32 %p1|%p2, %r1, %r2; selp.u64 %d, 1, 0, %p2;", (a, b, c) -> (int) a == (int) b ? 1 : 0);
        check(
                "setp.gt.u32 %p1, %r1, 31; setp.le.or.s16 %p2, %h1, %h2, !%p1; selp.u64 %d, 1, 0, %p2;",
                (a, b, c) -> (short) a <= (short) b || (a & 0xffffffffL) <= 31 ? 1 : 0);
        check(
                "setp.lt.s64 %p1, %a, 0; mov.u64 %d, 5; @%p1 mov.u64 %d, 6; @!%p1 add.s64 %d, %d, 2;",
                (a, b, c) -> a < 0 ? 6 : 7);
        check("slct.s64.s32 %d, %a, %b, %r3;", (a, b, c) -> (int) c >= 0 ? a : b);
        check32("set.lt.u32.s32 %r4, %r1, %r2;", (a, b, c) -> a < b ? -1 : 0);
        check32("abs.s32 %r4, %r1;", (a, b, c) -> Math.abs((int) a));
        check("neg.s64 %d, %a;", (a, b, c) -> -a);
    }

    @Test
    void movesBits() {
        check("and.b64 %d, %a, %b;", (a, b, c) -> a & b);
        check("or.b64 %d, %a, %b;", (a, b, c) -> a | b);
        check("xor.b64 %d, %a, %b;", (a, b, c) -> a ^ b);
        check("not.b64 %d, %a;", (a, b, c) -> ~a);
        check32("cnot.b32 %r4, %r1;", (a, b, c) -> a == 0 ? 1 : 0);
        check("shl.b64 %d, %a, %r2;", (a, b, c) -> (b & 0xffffffffL) > 63 ? 0 : a << b);
        check("shr.u64 %d, %a, %r2;", (a, b, c) -> (b & 0xffffffffL) > 63 ? 0 : a >>> b);
        check("shr.s64 %d, %a, %r2;", (a, b, c) -> a >> Math.min(b & 0xffffffffL, 63));
        check32("shr.s32 %r4, %r1, %r2;", (a, b, c) -> (int) a >> Math.min(b & 0xffffffffL, 31));
        check32("shr.u32 %r4, %r1, %r2;", (a, b, c) -> (b & 0xffffffffL) > 31 ? 0 : (a & 0xffffffffL) >>> b);
        check32(
                "shf.l.wrap.b32 %r4, %r1, %r2, %r3;",
                (a, b, c) -> (c & 31) == 0 ? b : (int) b << c | (int) a >>> 32 - (c & 31));
        check32(
                "shf.r.clamp.b32 %r4, %r1, %r2, %r3;",
                (a, b, c) -> {
                    long both = a & 0xffffffffL | b << 32;
                    return (c & 0xffffffffL) >= 32 ? b : both >>> c;
                });
        check32("lop3.b32 %r4, %r1, %r2, %r3, 0x96;", (a, b, c) -> a ^ b ^ c);
        check32("lop3.b32 %r4, %r1, %r2, %r3, 0xca;", (a, b, c) -> a & b | ~a & c);
        check("popc.b64 %r4, %a; cvt.u64.u32 %d, %r4;", NUMBERS, (a, b, c) -> Long.bitCount(a));
        check32("clz.b32 %r4, %r1;", (a, b, c) -> Integer.numberOfLeadingZeros((int) a));
        check32("brev.b32 %r4, %r1;", (a, b, c) -> Integer.reverse((int) a));
        check32("bfind.u32 %r4, %r1;", (a, b, c) -> 31 - Integer.numberOfLeadingZeros((int) a));
        check32("bfind.shiftamt.u32 %r4, %r1;", (a, b, c) -> (int) a == 0 ? -1 : Integer.numberOfLeadingZeros((int) a));
        check32(
                "prmt.b32 %r4, %r1, %r2, 0x3504;",
                (a, b, c) -> a >> 24 << 24 | (b >> 8 & 255) << 16 | (a & 255) << 8 | b & 255);
        check32(
                "prmt.b32 %r4, %r1, %r2, 0x4B4B;",
                (a, b, c) -> {
                    long sign = a < 0 ? 255 : 0;
                    return (b & 255) << 24 | sign << 16 | (b & 255) << 8 | sign;
                });
        check32("bfe.u32 %r4, %r1, 4, 7;", (a, b, c) -> a >> 4 & 127);
        check32("bfe.s32 %r4, %r1, 24, 16;", (a, b, c) -> a >> 24);
        check32("bfi.b32 %r4, %r1, %r2, 8, 5;", (a, b, c) -> b & ~(31L << 8) | (a & 31) << 8);
        check("bfi.b64 %d, %a, %b, 32, 32;", (a, b, c) -> b & 0xffffffffL | a << 32);
        check("mov.b64 {%r4, %r5}, %a; mov.b64 %d, {%r5, %r4};", (a, b, c) -> Long.rotateLeft(a, 32));
        check(
                "mov.b32 {%h4, %h5}, %r1; mov.b32 %r4, {%h5, %h4}; cvt.u64.u32 %d, %r4;",
                NUMBERS, (a, b, c) -> Integer.rotateLeft((int) a, 16) & 0xffffffffL);
        check("and.pred %p1, %p2, %p3; not.pred %p1, %p1; selp.u64 %d, 1, 0, %p1;", (a, b, c) -> 1);
    }

    @Test
    void convertsBetweenWholeNumbers() {
        check("cvt.s64.s32 %d, %r1;", (a, b, c) -> (int) a);
        check("cvt.s64.s8 %d, %a;", (a, b, c) -> (byte) a);
        check("cvt.u64.u8 %d, %a;", (a, b, c) -> a & 255);
        check("cvt.sat.u8.s64 %d, %a;", (a, b, c) -> Math.clamp(a, 0, 255));
        check(
                "cvt.sat.s32.s64 %r4, %a; cvt.s64.s32 %d, %r4;",
                NUMBERS, (a, b, c) -> Math.clamp(a, Integer.MIN_VALUE, Integer.MAX_VALUE));
        check(
                "cvt.sat.u32.u64 %r4, %a; cvt.u64.u32 %d, %r4;",
                NUMBERS,
                (a, b, c) -> unsigned(a).min(BigInteger.valueOf(0xffffffffL)).longValue());
    }

    private static BigInteger wide(long a) {
        return BigInteger.valueOf(a);
    }

    private static BigInteger unsigned(long a) {
        return new BigInteger(Long.toUnsignedString(a));
    }
}
