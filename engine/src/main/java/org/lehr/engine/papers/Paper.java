package org.lehr.engine.papers;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A paper that the library covers.
///
/// @param id its number, by which commands know it
/// @param family what it is about, such as `schedule`
/// @param part the class that holds its method, or the empty text where there is none yet
public record Paper(int id, String family, String title, String part) {

    private static final List<Paper> ALL = read();

    /// All papers, in the order of their numbers.
    public static List<Paper> all() {
        return ALL;
    }

    /// The families there are, in alphabetical order.
    public static List<String> families() {
        return ALL.stream().map(Paper::family).distinct().sorted().toList();
    }

    /// The paper with this number.
    ///
    /// @throws IllegalArgumentException when there is none
    public static Paper of(int id) {
        return ALL.stream()
                .filter(paper -> paper.id == id)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("paper " + id + ": there is none; numbers go from "
                        + ALL.getFirst().id + " to " + ALL.getLast().id));
    }

    private static List<Paper> read() {
        Map<String, String> parts = lines("parts.tsv", 2).collect(Collectors.toMap(row -> row[0], row -> row[1]));
        return lines("papers.tsv", 3)
                .map(row -> new Paper(Integer.parseInt(row[0]), row[1], row[2], parts.getOrDefault(row[0], "")))
                .toList();
    }

    private static Stream<String[]> lines(String file, int columns) {
        try (InputStream in = Paper.class.getResourceAsStream(file)) {
            if (in == null) {
                throw new IllegalStateException("papers: " + file + " is not beside " + Paper.class.getName());
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().map(line -> line.split("\t", columns));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
