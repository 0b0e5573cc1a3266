package org.lehr.engine.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.lehr.engine.distributed.telemetry.CollectiveRecord;
import org.lehr.engine.distributed.telemetry.CollectiveRecord.Exchange;
import org.lehr.engine.distributed.telemetry.CollectiveTelemetry;
import org.lehr.engine.io.FormatException;

/// The notes that ranks make of their collectives, in `ranks/rank-0.jsonl` and so on of the run's folder: one object
/// for
/// each collective of the last part of the run. They are written once a second; of a long run the last ones stay.
public final class RankLog implements AutoCloseable {

    /// The folder of the notes.
    public static final String RANKS = "ranks";

    private static final int MOST_LINES = 50_000;

    private final CollectiveTelemetry telemetry;
    private final Path file;
    private final Path earlier;
    private final ScheduledExecutorService writer;
    private IOException failure;
    private int lines;

    private RankLog(Path folder, CollectiveTelemetry telemetry) {
        this.telemetry = telemetry;
        file = file(folder, telemetry.rank());
        earlier = file.resolveSibling("earlier-" + file.getFileName());
        writer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("lehr-rank-log").daemon().factory());
    }

    private static Path file(Path folder, int rank) {
        return folder.resolve(RANKS).resolve("rank-" + rank + ".jsonl");
    }

    /// Removes the notes of an earlier part of the run.
    public static void clear(Path folder) throws IOException {
        Path ranks = folder.resolve(RANKS);
        if (Files.isDirectory(ranks)) {
            try (Stream<Path> files = Files.list(ranks)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
    }

    /// Begins to write what `telemetry` notes, until it is closed.
    ///
    /// @param folder of the run
    public static RankLog begin(Path folder, CollectiveTelemetry telemetry) throws IOException {
        Files.createDirectories(folder.resolve(RANKS));
        RankLog log = new RankLog(folder, telemetry);
        log.writer.scheduleWithFixedDelay(log::write, 1, 1, TimeUnit.SECONDS);
        return log;
    }

    private synchronized void write() {
        List<String> text = telemetry.drain().stream().map(RankLog::line).toList();
        try {
            if (lines + text.size() > MOST_LINES) {
                Files.move(file, earlier, StandardCopyOption.REPLACE_EXISTING);
                lines = 0;
            }
            Files.write(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            lines += text.size();
        } catch (IOException problem) {
            failure = problem;
        }
    }

    /// Writes the last ones.
    ///
    /// @throws IOException when notes could not be written, now or before
    @Override
    public void close() throws IOException {
        writer.close();
        write();
        if (failure != null) {
            throw failure;
        }
    }

    private static String line(CollectiveRecord done) {
        SequencedMap<String, Object> members = new LinkedHashMap<>();
        members.put("iteration", done.iteration());
        members.put("group", done.group());
        members.put("operation", done.operation());
        members.put("sequence", done.sequence());
        members.put("bytes", done.bytes());
        members.put("begin", done.begin());
        members.put("end", done.end());
        members.put("waits", pairs(done.waits()));
        members.put("lags", pairs(done.lags()));
        return RunJson.line(members);
    }

    private static List<List<Long>> pairs(List<Exchange> exchanges) {
        return exchanges.stream()
                .map(exchange -> List.of((long) exchange.peer(), exchange.nanos()))
                .toList();
    }

    /// The notes of all ranks, in their order; none where there are no files. A line that a killed process left
    /// half
    /// written at the end is passed over.
    public static List<List<CollectiveRecord>> read(Path folder) throws IOException {
        List<List<CollectiveRecord>> ranks = new ArrayList<>();
        while (Files.exists(file(folder, ranks.size()))) {
            Path file = file(folder, ranks.size());
            List<CollectiveRecord> notes = new ArrayList<>();
            Path earlier = file.resolveSibling("earlier-" + file.getFileName());
            if (Files.exists(earlier)) {
                read(earlier, notes);
            }
            read(file, notes);
            ranks.add(notes);
        }
        return ranks;
    }

    private static void read(Path file, List<CollectiveRecord> notes) throws IOException {
        List<String> text = Files.readAllLines(file);
        for (int i = 0; i < text.size(); i++) {
            try {
                notes.add(record(RunJson.parse(text.get(i))));
            } catch (JsonProcessingException | ClassCastException | NullPointerException problem) {
                if (i < text.size() - 1) {
                    throw new FormatException(
                            file,
                            "line " + (i + 1) + ": expected the notes of a collective: " + problem.getMessage(),
                            problem);
                }
            }
        }
    }

    private static CollectiveRecord record(SequencedMap<String, Object> members) {
        return new CollectiveRecord(
                (int) number(members, "group"),
                (String) members.get("operation"),
                number(members, "sequence"),
                number(members, "iteration"),
                number(members, "bytes"),
                number(members, "begin"),
                number(members, "end"),
                exchanges(members.get("waits")),
                exchanges(members.get("lags")));
    }

    private static long number(SequencedMap<String, Object> members, String name) {
        return ((Number) members.get(name)).longValue();
    }

    private static List<Exchange> exchanges(Object pairs) {
        return ((List<?>) pairs)
                .stream()
                        .map(pair -> (List<?>) pair)
                        .map(pair -> new Exchange(
                                ((Number) pair.getFirst()).intValue(), ((Number) pair.getLast()).longValue()))
                        .toList();
    }
}
