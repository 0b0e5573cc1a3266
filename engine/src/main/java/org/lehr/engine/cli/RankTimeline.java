package org.lehr.engine.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.lehr.engine.distributed.telemetry.CollectiveRecord;
import org.lehr.engine.distributed.telemetry.DelayMatrix;
import org.lehr.engine.distributed.telemetry.StragglerDetector;
import org.lehr.engine.distributed.telemetry.Suspect;

/// Draws what ranks did in their last iterations, a row for each, and names who was slow.
final class RankTimeline {

    private static final int WIDTH = 96;
    private static final int ITERATIONS = 4;
    private static final char COMPUTES = '█';
    private static final char EXCHANGES = '▒';
    private static final char WAITS = '·';

    private final List<List<CollectiveRecord>> notes;

    /// @param notes of each rank, at least one
    RankTimeline(List<List<CollectiveRecord>> notes) {
        this.notes = notes;
    }

    /// The lines of the drawing and of the findings.
    List<String> lines() {
        long last = all().stream().mapToLong(CollectiveRecord::iteration).max().orElse(0);
        List<CollectiveRecord> shown = all().stream()
                .filter(note -> note.iteration() > last - ITERATIONS)
                .toList();
        long begin = shown.stream().mapToLong(CollectiveRecord::begin).min().orElse(0);
        long end = shown.stream().mapToLong(CollectiveRecord::end).max().orElse(begin);
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "iterations %d to %d, %.1f ms: %s computes, %s exchanges, %s waits (drawn first)",
                Math.max(1, last - ITERATIONS + 1),
                last,
                (end - begin) / 1e6,
                COMPUTES,
                EXCHANGES,
                WAITS));
        for (int rank = 0; rank < notes.size(); rank++) {
            long waited = notes.get(rank).stream()
                    .filter(shown::contains)
                    .mapToLong(CollectiveRecord::waited)
                    .sum();
            lines.add(String.format(
                    Locale.ROOT, "rank %-3d %s %7.1f ms waiting", rank, row(rank, begin, end), waited / 1e6));
        }
        lines.addAll(findings());
        return lines;
    }

    private List<CollectiveRecord> all() {
        return notes.stream().flatMap(List::stream).toList();
    }

    private String row(int rank, long begin, long end) {
        char[] row = new char[WIDTH];
        Arrays.fill(row, COMPUTES);
        double scale = (double) WIDTH / Math.max(1, end - begin);
        for (CollectiveRecord note : notes.get(rank)) {
            if (note.begin() >= begin) {
                int from = (int) Math.round((note.begin() - begin) * scale);
                int moves = (int) Math.round((note.begin() + note.waited() - begin) * scale);
                int to = (int) Math.round((note.end() - begin) * scale);
                Arrays.fill(row, from, Math.clamp(moves, from, to), WAITS);
                Arrays.fill(row, Math.clamp(moves, from, to), to, EXCHANGES);
            }
        }
        return new String(row);
    }

    /// Each finding once, with the iterations in which it was made.
    private List<String> findings() {
        if (notes.size() < 2) {
            return List.of();
        }
        StragglerDetector detector = new StragglerDetector(notes.size());
        List<String> lines = new ArrayList<>();
        String before = "";
        for (DelayMatrix delays : DelayMatrix.of(notes)) {
            List<Suspect> suspects = detector.add(delays);
            String who = suspects.stream().map(RankTimeline::name).toList().toString();
            if (!suspects.isEmpty() && !who.equals(before)) {
                suspects.forEach(suspect -> lines.add("iteration " + delays.iteration() + ": " + suspect));
            }
            before = who;
        }
        return lines.isEmpty() ? List.of("no rank and no link stands out") : lines;
    }

    private static String name(Suspect suspect) {
        return switch (suspect) {
            case Suspect.SlowRank slow -> "rank " + slow.rank();
            case Suspect.SlowLink slow -> "link " + slow.from() + " " + slow.to();
            case Suspect.Hung hung -> "hung " + hung.rank();
        };
    }
}
