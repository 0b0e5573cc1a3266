package org.lehr.engine.nn;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How the names and layouts of a file become those of a module. Rules apply in the order in which they were added.
///
/// ```
/// WeightNames.same()
///         .prefix("transformer.", "model.")
///         .transposing("c_(attn|fc|proj)\\.weight")
///         .skipping("\\.attn\\.bias$")
/// ```
public final class WeightNames {

    private record Renaming(Pattern pattern, String replacement) {}

    private final List<Renaming> renamings;
    private final List<Pattern> transposed;
    private final List<Pattern> skipped;

    private WeightNames(List<Renaming> renamings, List<Pattern> transposed, List<Pattern> skipped) {
        this.renamings = renamings;
        this.transposed = transposed;
        this.skipped = skipped;
    }

    /// Names stay as they are.
    public static WeightNames same() {
        return new WeightNames(List.of(), List.of(), List.of());
    }

    /// What matches `expression` in a name becomes `replacement`, in which `$1` stands for the first group.
    public WeightNames renaming(String expression, String replacement) {
        return new WeightNames(
                with(renamings, new Renaming(Pattern.compile(expression), replacement)), transposed, skipped);
    }

    /// Names that begin with `old` begin with `replacement` instead.
    public WeightNames prefix(String old, String replacement) {
        return renaming("^" + Pattern.quote(old), Matcher.quoteReplacement(replacement));
    }

    /// Matrices in whose names (those of the file) `expression` is found lie transposed in the file, as the
    /// weights of GPT-2's `Conv1D` do.
    public WeightNames transposing(String expression) {
        return new WeightNames(renamings, with(transposed, Pattern.compile(expression)), skipped);
    }

    /// Tensors in whose names (those of the file) `expression` is found are not looked at.
    public WeightNames skipping(String expression) {
        return new WeightNames(renamings, transposed, with(skipped, Pattern.compile(expression)));
    }

    private static <T> List<T> with(List<T> list, T last) {
        return Stream.concat(list.stream(), Stream.of(last)).toList();
    }

    String inModule(String name) {
        String result = name;
        for (Renaming renaming : renamings) {
            result = renaming.pattern.matcher(result).replaceAll(renaming.replacement);
        }
        return result;
    }

    boolean isTransposed(String name) {
        return transposed.stream().anyMatch(pattern -> pattern.matcher(name).find());
    }

    boolean isSkipped(String name) {
        return skipped.stream().anyMatch(pattern -> pattern.matcher(name).find());
    }
}
