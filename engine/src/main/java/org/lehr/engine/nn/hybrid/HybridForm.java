package org.lehr.engine.nn.hybrid;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.ssm.MixerForm;

/// The sizes of a [HybridLM].
///
/// @param vocabulary number of tokens
/// @param context tokens of a training sequence; longer ones are read too
/// @param layers number of blocks
/// @param pattern the mixers of the blocks, one letter each and from the beginning again where it ends: `m` for
///     the mixer with a state, `a` for attention
/// @param mixer the shape of mixers with a state, such as [org.lehr.engine.nn.ssm.Mamba.Form]; its width is that of the
/// stream
/// @param heads attention heads, a divisor of the width
/// @param keyHeads key and value heads, a divisor of `heads`
/// @param hidden inner width of the feed-forward layer of each block, 0 for none
/// @param <S> the state of a mixer
public record HybridForm<S>(
        long vocabulary,
        long context,
        int layers,
        String pattern,
        MixerForm<S> mixer,
        long heads,
        long keyHeads,
        long hidden) {

    /// Three of four mixers have a state, of fewer layers every second one.
    public static String usualPattern(int layers) {
        return layers < 4 ? "ma" : "mmma";
    }

    public HybridForm {
        if (vocabulary < 1 || context < 1 || layers < 1 || hidden < 0) {
            throw new IllegalArgumentException("hybrid: sizes must be positive, got vocabulary " + vocabulary
                    + ", context " + context + ", layers " + layers + ", hidden " + hidden);
        }
        if (pattern.isEmpty()) {
            throw new IllegalArgumentException("hybrid: the pattern is empty, expected letters such as mmma");
        }
        for (char letter : pattern.toCharArray()) {
            Kind.of(letter);
        }
    }

    /// What mixes over time.
    enum Kind {
        STATE('m'),
        ATTENTION('a');

        private final char letter;

        Kind(char letter) {
            this.letter = letter;
        }

        static Kind of(char letter) {
            for (Kind kind : values()) {
                if (kind.letter == letter) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("hybrid: the pattern has '" + letter
                    + "', expected m for a mixer with a state and a for attention");
        }
    }

    /// The mixer of each block.
    List<Kind> kinds() {
        return IntStream.range(0, layers)
                .mapToObj(i -> Kind.of(pattern.charAt(i % pattern.length())))
                .toList();
    }
}
