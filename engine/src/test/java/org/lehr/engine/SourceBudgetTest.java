package org.lehr.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Budgets of size and a few words that do not belong in sources. Raising a budget is a reviewed change of one line.
class SourceBudgetTest {

    private static final int CODE_LINES = 400;
    private static final int KERNEL_CODE_LINES = 600;
    private static final int PARAMETERS = 8;
    private static final Pattern CATCHES_TOO_MUCH = Pattern.compile("catch \\((final )?Throwable\\b");
    private static final Pattern THROWS_TOO_LITTLE =
            Pattern.compile("throw new (RuntimeException|Exception|Error|Throwable)\\(");
    private static final Pattern SIGNATURE = Pattern.compile(
            "(?s)(?:public|protected) [^;={}()]*\\(([^()]*(?:\\([^()]*\\)[^()]*)*)\\)\\s*(?:throws [^{;]*)?\\{");

    private record Source(Path path, String text) {
        long codeLines() {
            return text.lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("//") && !line.startsWith("import "))
                    .count();
        }

        boolean isKernel() {
            return path.toString().contains("kernels");
        }
    }

    private static List<Source> sources() throws IOException {
        Path here = Path.of("").toAbsolutePath();
        Path root = here.endsWith("engine") ? here.getParent() : here;
        List<Source> sources = new ArrayList<>();
        for (String module : List.of("kernels", "engine")) {
            try (Stream<Path> files = Files.walk(root.resolve(module).resolve("src/main/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    sources.add(new Source(root.relativize(file), Files.readString(file)));
                }
            }
        }
        assertTrue(sources.size() > 200, "only " + sources.size() + " files were found");
        return sources;
    }

    @Test
    void filesStaySmall() throws IOException {
        List<String> large = sources().stream()
                .filter(source -> source.codeLines() > (source.isKernel() ? KERNEL_CODE_LINES : CODE_LINES))
                .map(source -> source.path() + ": " + source.codeLines() + " lines of code")
                .toList();
        assertEquals(List.of(), large);
    }

    @Test
    void publicMethodsOfTheEngineTakeFewParameters() throws IOException {
        List<String> many = new ArrayList<>();
        for (Source source : sources()) {
            if (source.isKernel() || source.text().contains("public record")) {
                continue;
            }
            SIGNATURE.matcher(source.text()).results().forEach(match -> {
                String list = match.group(1).replaceAll("<[^<>]*>", "").replaceAll("<[^<>]*>", "");
                long count =
                        list.isBlank() ? 0 : list.chars().filter(c -> c == ',').count() + 1;
                if (count > PARAMETERS) {
                    many.add(source.path() + ": " + count + " parameters");
                }
            });
        }
        assertEquals(List.of(), many);
    }

    @Test
    void exceptionsAreNeitherSwallowedWholesaleNorNameless() throws IOException {
        List<String> found = sources().stream()
                .filter(source -> CATCHES_TOO_MUCH.matcher(source.text()).find()
                        || THROWS_TOO_LITTLE.matcher(source.text()).find())
                .map(source -> source.path().toString())
                .toList();
        assertEquals(List.of(), found);
    }
}
