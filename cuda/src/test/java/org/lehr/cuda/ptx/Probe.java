package org.lehr.cuda.ptx;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Runs a few instructions in many threads: each reads its `%a`, `%b`, `%c` and leaves `%d`, all of 64 bits.
final class Probe {

    private static final String HEAD = """
            .version 7.0
            .target sm_80
            .address_size 64
            .visible .entry probe(.param .u64 inputs, .param .u64 outputs)
            {
            .reg .pred %p<4>, %q;
            .reg .b16 %h<8>;
            .reg .b32 %r<16>;
            .reg .f32 %f<8>;
            .reg .f64 %fd<8>;
            .reg .b64 %a, %b, %c, %d, %in, %out, %l<8>;
            .reg .b32 %t;
            .shared .align 16 .b8 tile[4096];
            ld.param.u64 %in, [inputs];
            ld.param.u64 %out, [outputs];
            mov.u32 %t, %tid.x;
            mad.wide.u32 %in, %t, 24, %in;
            mad.wide.u32 %out, %t, 8, %out;
            ld.global.u64 %a, [%in];
            ld.global.u64 %b, [%in+8];
            ld.global.u64 %c, [%in+16];
            cvt.u32.u64 %r1, %a;
            cvt.u32.u64 %r2, %b;
            cvt.u32.u64 %r3, %c;
            cvt.u16.u64 %h1, %a;
            cvt.u16.u64 %h2, %b;
            cvt.u16.u64 %h3, %c;
            mov.b32 %f1, %r1;
            mov.b32 %f2, %r2;
            mov.b32 %f3, %r3;
            mov.b64 %fd1, %a;
            mov.b64 %fd2, %b;
            mov.b64 %fd3, %c;
            """;
    private static final String TAIL = """
            st.global.u64 [%out], %d;
            ret;
            }
            """;

    private Probe() {}

    /// Line of the first of the instructions.
    static int firstLine() {
        return (int) HEAD.lines().count() + 1;
    }

    /// @param inputs `[threads][3]`
    static long[] run(String instructions, long[][] inputs) {
        PtxMachine machine = new PtxMachine(1 << 20, 100_000);
        Program program =
                machine.load("probe.ptx", HEAD + instructions + "\n" + TAIL).kernel("probe");
        ByteBuffer given = ByteBuffer.allocate(24 * inputs.length).order(ByteOrder.LITTLE_ENDIAN);
        for (long[] input : inputs) {
            for (int i = 0; i < 3; i++) {
                given.putLong(i < input.length ? input[i] : 0);
            }
        }
        long in = machine.memory().allocate("inputs", given.capacity(), false);
        long out = machine.memory().allocate("outputs", 8L * inputs.length, false);
        machine.memory().copyIn(in, MemorySegment.ofArray(given.array()));
        byte[] parameters = ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(in)
                .putLong(out)
                .array();
        machine.launch(program, new Extent(1, 1, 1), new Extent(inputs.length, 1, 1), 0, parameters);
        long[] results = new long[inputs.length];
        machine.memory().copyOut(MemorySegment.ofArray(results), out);
        return results;
    }

    /// All triples of some numbers, as many as fit a block of threads.
    static long[][] triples(long... numbers) {
        List<long[]> triples = new ArrayList<>();
        for (long a : numbers) {
            for (long b : numbers) {
                triples.add(new long[] {a, b, numbers[triples.size() % numbers.length]});
            }
        }
        return triples.subList(0, Math.min(1024, triples.size())).toArray(new long[0][]);
    }
}
