package org.lehr.bench;

import java.util.function.Supplier;
import org.lehr.engine.nn.LanguageModel;

/// What the next token of one sequence costs after `context` others, of two models of ours: each in a process of its
/// own,
/// by turns. A turn reads a prompt, which is not timed, and then continues it by [#TOKENS] tokens.
///
/// @param other what `ours` is held against
/// @param otherTitle what that is called in the results
public record DecodingRow(
        String name,
        int context,
        boolean large,
        Supplier<LanguageModel> ours,
        Supplier<LanguageModel> other,
        String otherTitle)
        implements Row {

    /// Tokens of a turn.
    public static final int TOKENS = 32;
}
