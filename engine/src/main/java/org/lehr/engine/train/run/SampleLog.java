package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.lehr.engine.io.AtomicFiles;

/// `samples.txt`: texts that the model wrote along the way, each below a line `=== step 100 ===`.
public final class SampleLog {

    private static final String MARK = "=== step ";
    private static final String MARK_END = " ===";

    private final Path file;

    /// The log in `file`, which need not exist yet.
    public SampleLog(Path file) {
        this.file = file;
    }

    /// A text and the step after which the model wrote it.
    public record Sample(long step, String text) {}

    /// Where the texts stand.
    public Path file() {
        return file;
    }

    /// Appends a text. A line in it that looks like a mark is moved right by one space.
    public void append(long step, String text) throws IOException {
        Files.writeString(file, section(new Sample(step, text)), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /// All texts in their order, without white space at their ends; none when the file is absent. Bytes that are
    /// not UTF-8 become the replacement character.
    public List<Sample> read() throws IOException {
        List<Sample> samples = new ArrayList<>();
        if (!Files.exists(file)) {
            return samples;
        }
        long step = -1;
        StringBuilder text = new StringBuilder();
        for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n", -1)) {
            if (isMark(line)) {
                addTo(samples, step, text);
                step = Long.parseLong(line.substring(MARK.length(), line.length() - MARK_END.length()));
            } else {
                text.append(line).append('\n');
            }
        }
        addTo(samples, step, text);
        return samples;
    }

    /// Drops the texts of later steps.
    void rewind(long lastStep) throws IOException {
        List<Sample> all = read();
        List<Sample> kept =
                all.stream().filter(sample -> sample.step() <= lastStep).toList();
        if (kept.size() < all.size()) {
            AtomicFiles.writeString(file, kept.stream().map(SampleLog::section).collect(Collectors.joining()));
        }
    }

    private static void addTo(List<Sample> samples, long step, StringBuilder text) {
        if (step >= 0) {
            samples.add(new Sample(step, text.toString().stripTrailing()));
        }
        text.setLength(0);
    }

    private static String section(Sample sample) {
        String text = sample.text()
                .lines()
                .map(line -> isMark(line) ? " " + line : line)
                .collect(Collectors.joining("\n"));
        return MARK + sample.step() + MARK_END + "\n" + text + "\n\n";
    }

    private static boolean isMark(String line) {
        return line.matches("=== step \\d{1,18} ===");
    }
}
