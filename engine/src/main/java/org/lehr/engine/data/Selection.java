package org.lehr.engine.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Which files of a source are read, by rules that depend on names and sizes alone.
final class Selection {

    /// A file that could be read.
    record Entry(String name, long size) {}

    private static final int BINARY_PROBE = 8192;

    private Selection() {}

    static void requireLimit(long limit) {
        if (limit <= 0) {
            throw new IllegalArgumentException("corpus: limit must be positive, got " + limit + " bytes");
        }
    }

    /// The entries that are not empty and fit into `limit` bytes together, ordered by name. Where not all fit they
    /// are taken in the order of their names' hashes, so that every part of the source is represented.
    static List<Entry> choose(List<Entry> entries, long limit, String source) {
        List<Entry> chosen = new ArrayList<>(entries);
        chosen.removeIf(entry -> entry.size() == 0);
        if (total(chosen) > limit) {
            chosen.sort(Comparator.comparingLong((Entry entry) -> Mix.of(entry.name()))
                    .thenComparing(Entry::name));
            long room = limit;
            List<Entry> fitting = new ArrayList<>();
            for (Entry entry : chosen) {
                if (entry.size() <= room) {
                    fitting.add(entry);
                    room -= entry.size();
                }
            }
            chosen = fitting;
        }
        requireRoom(total(chosen), source);
        chosen.sort(Comparator.comparing(Entry::name));
        return chosen;
    }

    private static long total(List<Entry> entries) {
        return entries.stream().mapToLong(Entry::size).sum();
    }

    /// Text is held twice while it becomes tokens; refuse before the Java heap runs out.
    static void requireRoom(long bytes, String source) {
        long heap = Runtime.getRuntime().maxMemory();
        if (bytes > heap / 3) {
            throw new DataException("%s holds %d MB of text, too much for a Java heap of %d MB: give it more (-Xmx%dm)"
                    .formatted(source, bytes >> 20, heap >> 20, (3 * bytes >> 20) + 1));
        }
        if (bytes > Integer.MAX_VALUE - 16) {
            throw new DataException(
                    "%s holds %d MB of text; at most 2047 MB are supported".formatted(source, bytes >> 20));
        }
    }

    static boolean hasExtension(String name, Set<String> extensions) {
        return extensions.isEmpty() || extensions.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    static String among(Set<String> extensions) {
        return extensions.isEmpty()
                ? ""
                : " (looked for files ending in " + String.join(", ", new TreeSet<>(extensions)) + ")";
    }

    static boolean isText(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, BINARY_PROBE); i++) {
            if (bytes[i] == 0) {
                return false;
            }
        }
        return bytes.length > 0;
    }
}
