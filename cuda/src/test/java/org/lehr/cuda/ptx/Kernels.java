package org.lehr.cuda.ptx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A machine with one of the files of kernels that lie beside these tests.
final class Kernels {

    private static final long MEMORY = 1 << 24;
    private static final long STEPS = 200_000;

    final PtxMachine machine = new PtxMachine(MEMORY, STEPS);
    private final String text;
    private final PtxModule module;

    Kernels(String name) {
        try (InputStream in = Kernels.class.getResourceAsStream(name + ".ptx")) {
            text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        module = machine.load(name + ".ptx", text);
    }

    /// The line with `// here` in a kernel.
    int lineOfMark(String kernel) {
        List<String> lines = text.lines().toList();
        int line = 0;
        while (!lines.get(line).contains(".entry " + kernel + "(")) {
            line++;
        }
        while (!lines.get(line).contains("// here")) {
            line++;
        }
        return line + 1;
    }

    /// Memory that nobody wrote.
    long room(long bytes) {
        return machine.memory().allocate("room", bytes, false);
    }

    long of(float... values) {
        return with(MemorySegment.ofArray(values));
    }

    long of(double... values) {
        return with(MemorySegment.ofArray(values));
    }

    long of(int... values) {
        return with(MemorySegment.ofArray(values));
    }

    long of(long... values) {
        return with(MemorySegment.ofArray(values));
    }

    long of(short... values) {
        return with(MemorySegment.ofArray(values));
    }

    long of(byte... values) {
        return with(MemorySegment.ofArray(values));
    }

    private long with(MemorySegment values) {
        long address = room(values.byteSize());
        machine.memory().copyIn(address, values);
        return address;
    }

    float[] floats(long address, int count) {
        float[] values = new float[count];
        machine.memory().copyOut(MemorySegment.ofArray(values), address);
        return values;
    }

    double[] doubles(long address, int count) {
        double[] values = new double[count];
        machine.memory().copyOut(MemorySegment.ofArray(values), address);
        return values;
    }

    int[] ints(long address, int count) {
        int[] values = new int[count];
        machine.memory().copyOut(MemorySegment.ofArray(values), address);
        return values;
    }

    /// @param parameters each aligned to its size
    void launch(String kernel, int blocks, int threads, Number... parameters) {
        launch(kernel, new Extent(blocks, 1, 1), new Extent(threads, 1, 1), 0, parameters);
    }

    void launch(String kernel, Extent blocks, Extent threads, int shared, Number... parameters) {
        ByteBuffer bytes = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        for (Number parameter : parameters) {
            if (parameter instanceof Long) {
                bytes.position((bytes.position() + 7) / 8 * 8);
                bytes.putLong(parameter.longValue());
            } else {
                bytes.putInt(parameter.intValue());
            }
        }
        machine.launch(module.kernel(kernel), blocks, threads, shared, bytes.array());
    }
}
