package org.lehr.bench.harness;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `bench/RESULTS.md`: where we lose, then everything, and what was measured with what.
final class ResultsPage {

    private ResultsPage() {}

    /// The file in the checkout that these classes were built in.
    static Path location() {
        try {
            Path classes = Path.of(ResultsPage.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return classes.getParent().getParent().resolve("RESULTS.md");
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the place of RESULTS.md is not known", e);
        }
    }

    static void write(Path file, String command, List<String> facts, List<Result> results) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, text(command, facts, results));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    static String text(String command, List<String> facts, List<Result> results) {
        List<Result> lost = lost(results);
        Stream<String> head = Stream.of(
                "# Beside the peers",
                "",
                "Written by `" + command + "` on " + LocalDate.now(ZoneOffset.UTC) + ". Ratios above 1 mean that Lehr"
                        + " is faster, or needs less memory.",
                "",
                facts.stream().map(fact -> "* " + fact).collect(Collectors.joining("\n")),
                "",
                "The engines take turns, each in processes of its own, and every figure is the median of its turns."
                        + " Before anything is timed, results, gradients or losses are compared.",
                "The share of the ceiling is our useful work in a second by what the machine does at most: chains of"
                        + " fused multiply-adds, or the fastest of copying, comparing and changing as much memory.",
                "",
                summary(results, lost),
                "",
                "## Where Lehr is behind",
                "");
        Stream<String> middle = lost.isEmpty() ? Stream.of("Nowhere.") : table(lost);
        return Stream.of(head, middle, Stream.of("", "## All", ""), table(results))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /// The rows with a ratio under 1, the worst first.
    static List<Result> lost(List<Result> results) {
        return results.stream()
                .filter(result -> result.ratio() < 1)
                .sorted(Comparator.comparingDouble(Result::ratio))
                .toList();
    }

    private static Stream<String> table(List<Result> results) {
        return Stream.concat(ResultTable.HEAD.stream(), results.stream().map(ResultTable::line));
    }

    private static String summary(List<Result> results, List<Result> lost) {
        double logarithms = results.stream()
                .mapToDouble(result -> Math.log(result.ratio()))
                .average()
                .orElse(0);
        return String.format(
                Locale.ROOT,
                "Ahead in %d of %d rows; geometric mean of the ratios %.2f.",
                results.size() - lost.size(),
                results.size(),
                Math.exp(logarithms));
    }
}
