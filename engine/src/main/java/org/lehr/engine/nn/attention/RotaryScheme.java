package org.lehr.engine.nn.attention;

import org.lehr.engine.tensor.RandomStream;

/// Rotary position embedding (Su et al. 2021).
///
/// @param base 10,000 is usual, more for long contexts
/// @param layout which elements of a head turn together
/// @param share of a head that turns, from its beginning: 1 is usual, GPT-NeoX has 0.25
/// @param stretch what is done to the frequencies
public record RotaryScheme(double base, Layout layout, double share, RotaryStretch stretch) implements PositionScheme {

    /// Which elements turn together.
    public enum Layout {
        /// Element `i` of the first half with element `i` of the second (Llama, GPT-NeoX).
        HALVES,
        /// Elements `2i` and `2i + 1` (the paper, GPT-J).
        PAIRS
    }

    public RotaryScheme {
        if (!(base > 1) || !(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "rotary: needs a base above 1 and a share in (0, 1], got " + base + " and " + share);
        }
    }

    /// Whole heads in the layout of Llama.
    public static RotaryScheme of(double base) {
        return new RotaryScheme(base, Layout.HALVES, 1, new RotaryStretch.None());
    }

    @Override
    public Positions make(AttentionForm form, long context, RandomStream random) {
        return new RotaryPositions(context, form.headWidth(), this);
    }
}
