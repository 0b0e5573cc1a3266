package org.lehr.engine.nn.hybrid;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.Mamba2;
import org.lehr.engine.nn.ssm.MixerForm;
import org.lehr.engine.nn.ssm.MultiHeadMamba;
import org.lehr.engine.tensor.op.StateSpaceDual;

/// The shape of a [ZambaLM].
///
/// @param vocabulary number of tokens
/// @param context tokens of a training sequence; longer ones are read too
/// @param layers mixers in the backbone
/// @param mixer the shape of each
/// @param sites the layers, in order, before which attention is asked
/// @param blocks shared blocks, which the sites call in turn
/// @param block the shape of each
/// @param <S> the state of a mixer
public record ZambaForm<S>(
        long vocabulary,
        long context,
        int layers,
        MixerForm<S> mixer,
        List<Integer> sites,
        int blocks,
        SharedBlock.Form block) {

    private static final long MIXER_HEADS = 2;
    private static final long LARGEST_RANK = 128;

    /// The sizes that the generations have in common; see [ZambaForm] and [SharedBlock.Form].
    public record Sizes(long vocabulary, long context, int layers, long width, long heads, long hidden) {}

    public ZambaForm {
        if (vocabulary < 1 || context < 1 || layers < 1) {
            throw new IllegalArgumentException("zamba: sizes must be positive, got vocabulary " + vocabulary
                    + ", context " + context + ", layers " + layers);
        }
        sites = List.copyOf(sites);
        int above = layers;
        boolean ordered = sites.equals(sites.stream().sorted().distinct().toList());
        if (!ordered || sites.stream().anyMatch(site -> site < 0 || site >= above)) {
            throw new IllegalArgumentException(
                    "zamba: sites must be different layers of 0 to " + (layers - 1) + " in order, got " + sites);
        }
        if (blocks < 1 || blocks > sites.size()) {
            throw new IllegalArgumentException("zamba: needs at least one shared block and a site for each, got "
                    + blocks + " blocks and " + sites.size() + " sites");
        }
        if (mixer.width() != block.width()) {
            throw new IllegalArgumentException("zamba: mixers and the shared block must be equally wide, got "
                    + mixer.width() + " and " + block.width());
        }
    }

    /// The first generation: [Mamba] mixers of two heads, one shared block, the sites of Zamba-7B (2, 7, 13, 19,
    /// ...),
    /// or every second layer where that would be fewer than two.
    public static ZambaForm<Mamba.State> zamba(Sizes sizes) {
        return new ZambaForm<>(
                sizes.vocabulary,
                sizes.context,
                sizes.layers,
                new MultiHeadMamba.Form(Mamba.Form.of(sizes.width), MIXER_HEADS),
                zambaSites(sizes.layers),
                1,
                SharedBlock.Form.of(sizes.width, sizes.heads, sizes.hidden));
    }

    /// The second generation: [Mamba2] mixers, and places that change the feed-forward layer of their block with
    /// rank
    /// 128, or a 16th of the width where that is less. Sites are every sixth layer, as in the first two thirds of
    /// Zamba2-2.7B, or every second one where that would be fewer than two. Two blocks take turns, as there, from
    /// four
    /// sites on; below that there is one, as in Zamba2-1.2B.
    public static ZambaForm<Mamba2.State> zamba2(Sizes sizes) {
        Mamba2.Form usual = Mamba2.Form.of(sizes.width);
        Mamba2.Choices choices = new Mamba2.Choices(
                Mamba2.FirstDecays.COUNTED, Mamba2.Gate.THEN_NORM, false, 0, 0, Double.POSITIVE_INFINITY);
        Mamba2.Form mixer = new Mamba2.Form(
                sizes.width,
                Math.min(usual.states(), 64),
                usual.taps(),
                usual.expand(),
                usual.headWidth(),
                1,
                StateSpaceDual.CHUNK,
                choices);
        List<Integer> sites = zamba2Sites(sizes.layers);
        long rank = Math.clamp(sizes.width / 16, 1, LARGEST_RANK);
        return new ZambaForm<>(
                sizes.vocabulary,
                sizes.context,
                sizes.layers,
                mixer,
                sites,
                sites.size() < 4 ? 1 : 2,
                new SharedBlock.Form(sizes.width, sizes.heads, sizes.hidden, 0, rank, false));
    }

    static List<Integer> zambaSites(int layers) {
        return sites(layers, 8, IntStream.range(0, layers).filter(i -> i == 2 || i > 2 && i % 6 == 1));
    }

    static List<Integer> zamba2Sites(int layers) {
        return sites(layers, 13, IntStream.range(1, layers).filter(i -> i % 6 == 0));
    }

    private static List<Integer> sites(int layers, int enough, IntStream usual) {
        return (layers >= enough ? usual : IntStream.range(0, layers).filter(i -> i % 2 == 1 || layers == 1))
                .boxed()
                .toList();
    }

    /// The sites that call block `block`.
    List<Integer> callers(int block) {
        return IntStream.range(0, sites.size())
                .filter(site -> site % blocks == block)
                .boxed()
                .toList();
    }
}
