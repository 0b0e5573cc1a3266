package org.lehr.engine.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.AtomicFiles;
import org.lehr.engine.io.FormatException;

/// `metrics.jsonl`: one JSON object per logged step, `{"step":10,"loss":2.5,...}`, one line each.
///
/// A line is handed to the operating system whole, so a killed process loses none that [#append] returned from; a
/// line without its end, left by a machine that went down, is ignored by [#read] and cut off by [#open]. Numbers
/// that are not finite are written as `null`.
public final class MetricsLog implements AutoCloseable {

    private static final String STEP = "step";

    private final Path file;
    private final FileChannel channel;

    private MetricsLog(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /// Opens `file` to append to it, making it when it is absent.
    public static MetricsLog open(Path file) throws IOException {
        FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            channel.truncate(endOfLastLine(channel));
            channel.position(channel.size());
            return new MetricsLog(file, channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /// As [#open], without the entries after `lastStep`: those that the resumed run will write again.
    public static MetricsLog resume(Path file, long lastStep) throws IOException {
        if (Files.exists(file)) {
            List<Metrics> all = read(file);
            List<Metrics> kept =
                    all.stream().filter(entry -> entry.step() <= lastStep).toList();
            if (kept.size() < all.size()) {
                StringBuilder lines = new StringBuilder();
                kept.forEach(entry -> lines.append(line(entry.step(), entry.values())));
                AtomicFiles.writeString(file, lines);
            }
        }
        return open(file);
    }

    /// Appends one entry.
    ///
    /// @param values numbers, texts and booleans; none of them named `step`
    public void append(long step, SequencedMap<String, ?> values) throws IOException {
        if (values.containsKey(STEP)) {
            throw new IllegalArgumentException("metrics: a value is named \"step\": expected another name");
        }
        try {
            AtomicFiles.writeFully(channel, ByteBuffer.wrap(line(step, values).getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new IOException(file + ": metrics of step " + step + " not written: " + e.getMessage(), e);
        }
    }

    /// Forces what was appended to the disk.
    public void force() throws IOException {
        channel.force(false);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /// All entries of `file` in their order; a last line without its end is ignored.
    ///
    /// @throws FormatException when another line is not an object with a step
    public static List<Metrics> read(Path file) throws IOException {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        List<Metrics> entries = new ArrayList<>();
        int number = 1;
        for (int from = 0, to; (to = text.indexOf('\n', from)) >= 0; from = to + 1) {
            entries.add(entry(file, number++, text.substring(from, to)));
        }
        return entries;
    }

    private static Metrics entry(Path file, int number, String line) throws FormatException {
        try {
            SequencedMap<String, Object> values = RunJson.parse(line);
            if (!(values.remove(STEP) instanceof Number step)) {
                throw new FormatException(file, "line " + number + ": expected an object with a step, got " + line);
            }
            return new Metrics(step.longValue(), values);
        } catch (JsonProcessingException e) {
            throw new FormatException(
                    file, "line " + number + ": expected a JSON object: " + e.getOriginalMessage(), e);
        }
    }

    private static String line(long step, Map<String, ?> values) {
        SequencedMap<String, Object> members = new LinkedHashMap<>();
        members.put(STEP, step);
        members.putAll(values);
        return RunJson.line(members) + "\n";
    }

    private static long endOfLastLine(FileChannel channel) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        long end = channel.size();
        while (end > 0) {
            one.clear();
            channel.read(one, end - 1);
            if (one.get(0) == '\n') {
                break;
            }
            end--;
        }
        return end;
    }
}
