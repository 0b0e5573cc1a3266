package org.lehr.engine.papers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A paper that the library covers.
///
/// @param id its number, by which commands know it
/// @param family what it is about, such as `schedule`
public record Paper(int id, String family, String title) {

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
        try (InputStream in = Paper.class.getResourceAsStream("papers.tsv")) {
            if (in == null) {
                throw new IllegalStateException("papers: papers.tsv is not beside " + Paper.class.getName());
            }
            return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))
                    .lines()
                    .map(line -> line.split("\t", 3))
                    .map(parts -> new Paper(Integer.parseInt(parts[0]), parts[1], parts[2]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
