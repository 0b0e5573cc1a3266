package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.nn.Refusal.assertNames;
import static org.lehr.engine.nn.Refusal.refused;
import static org.lehr.engine.nn.Refusal.refusedNumbers;
import static org.lehr.engine.nn.Refusal.sizes;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.lehr.engine.nn.attention.AlibiPositions;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionForm.Choices;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.attention.BucketedPositions;
import org.lehr.engine.nn.attention.HardAlibiPositions;
import org.lehr.engine.nn.attention.ImageBuckets;
import org.lehr.engine.nn.attention.KeyValuePrefix;
import org.lehr.engine.nn.attention.MultiHeadAttention;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.attention.QueryKeyProductAttention;
import org.lehr.engine.nn.attention.RotaryPositions;
import org.lehr.engine.nn.attention.RotaryScheme;
import org.lehr.engine.nn.attention.RotaryStretch;
import org.lehr.engine.nn.exit.EarlyExitNetwork;
import org.lehr.engine.nn.exit.ExitLosses;
import org.lehr.engine.nn.exit.ExitRule;
import org.lehr.engine.nn.hybrid.HybridForm;
import org.lehr.engine.nn.hybrid.HybridLM;
import org.lehr.engine.nn.hybrid.MemMambaForm;
import org.lehr.engine.nn.hybrid.MemMambaLM;
import org.lehr.engine.nn.hybrid.ZambaForm;
import org.lehr.engine.nn.hybrid.ZambaLM;
import org.lehr.engine.nn.moe.Experts;
import org.lehr.engine.nn.moe.MixtureOfExperts;
import org.lehr.engine.nn.moe.MoeConfig;
import org.lehr.engine.nn.moe.MoeLM;
import org.lehr.engine.nn.moe.Scoring;
import org.lehr.engine.nn.moe.TopK;
import org.lehr.engine.nn.moe.TopKRouter;
import org.lehr.engine.nn.peft.Adapters;
import org.lehr.engine.nn.peft.Ia3;
import org.lehr.engine.nn.peft.Lora;
import org.lehr.engine.nn.preset.Bert;
import org.lehr.engine.nn.preset.T5;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.Mamba2;
import org.lehr.engine.nn.ssm.Mamba3;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Head;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.PositionTable;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.nn.vision.VisionTransformer;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// What no model can be made of or read is refused by an error that names the operation and the values.
class BadModelInputTest {

    private static final RandomStream RANDOM = new RandomStream(1);
    private static final Initializer WEIGHT = Initializer.normal(0.1);
    private static final TransformerConfig SMALL = TransformerConfig.of(11, 8, 1, 8, 2);
    private static final AttentionForm ATTENTION = AttentionForm.of(8, 2, 2, Choices.plain());

    static Stream<Arguments> constructions() {
        return Stream.of(attentions(), transformers(), presets(), states(), mixtures(), attachments(), exits())
                .flatMap(rows -> rows);
    }

    private static Stream<Arguments> attentions() {
        return Stream.of(
                        sizes("attention width", n -> new AttentionForm(n, 2, 2, 4, Choices.plain())),
                        sizes("attention heads", n -> AttentionForm.of(8, n, 1, Choices.plain())),
                        refused("attention of heads", n -> AttentionForm.of(8, n, 1, Choices.plain()), 3),
                        refused("attention of key heads", n -> AttentionForm.of(8, 4, n, Choices.plain()), 0, -3, 3),
                        refusedNumbers("attention cap", x -> Choices.plain().withSoftCap(x), -1, Double.NaN),
                        refused("attention window", n -> Choices.plain().withWindow(n), -3),
                        refusedNumbers(
                                "attention scale",
                                x -> Choices.plain().withScale(x),
                                Double.POSITIVE_INFINITY,
                                Double.NEGATIVE_INFINITY),
                        refused("attention mask", AttentionMask::window, -3),
                        refusedNumbers("rotary base", RotaryScheme::of, 0, -1, Double.NaN),
                        sizes("rotary places", n -> new RotaryPositions(n, 4, RotaryScheme.of(10))),
                        refused("rotary width", n -> new RotaryPositions(4, n, RotaryScheme.of(10)), 0, -3, 3),
                        refusedNumbers("rotary factor", RotaryStretch.Interpolated::new, 0.5, Double.NaN),
                        sizes("alibi", AlibiPositions::new),
                        refused("hard alibi", n -> new HardAlibiPositions(2, n), -3, 3),
                        sizes("buckets", n -> new BucketedPositions.Buckets((int) n, 16, true)),
                        sizes("image rows", n -> ImageBuckets.product((int) n, 2, false)),
                        refusedNumbers(
                                "image buckets",
                                x -> new ImageBuckets(2, 2, false, ImageBuckets.Method.CROSS, x, 4, 8),
                                -1,
                                Double.NaN),
                        refused(
                                "query-key products",
                                n -> new QueryKeyProductAttention(
                                        AttentionForm.of(8, 4, n, Choices.plain()), true, WEIGHT, RANDOM),
                                2))
                .flatMap(rows -> rows);
    }

    private static Stream<Arguments> transformers() {
        return Stream.of(
                        sizes("transformer vocabulary", n -> TransformerConfig.of(n, 8, 1, 8, 2)),
                        sizes("transformer context", n -> TransformerConfig.of(11, n, 1, 8, 2)),
                        sizes("transformer layers", n -> TransformerConfig.of(11, 8, (int) n, 8, 2)),
                        sizes("transformer width", n -> TransformerConfig.of(11, 8, 1, n, 1)),
                        sizes(
                                "transformer hidden",
                                n -> TransformerConfig.of(new TransformerSizes(11, 8, 1, 8, 2, 2, n))),
                        refused("transformer sharing", n -> new Depth(2, (int) n, Depth.Order.CYCLED), 0, 3),
                        refusedNumbers("head cap", x -> new Head(true, false, x, 0), -1, Double.NaN),
                        refusedNumbers("z-loss", x -> Head.plain().withZLoss(x), -1, Double.NaN),
                        refusedNumbers("initial", x -> new Initial(x, true), -1, Double.NaN),
                        refusedNumbers("branch", x -> SMALL.withBlock(b -> b.withBranchScale(x)), 0, -1, Double.NaN),
                        refusedNumbers("block dropout", x -> dropping(x), -0.5, 1.5, Double.NaN),
                        sizes("positions", n -> PositionTable.sinusoidal(n, 4)),
                        refused("position width", n -> PositionTable.sinusoidal(4, n), 0, 3),
                        Stream.of(Arguments.of("parallel", "POST", (Executable) () -> SMALL.withBlock(
                                b -> b.withPlacement(NormPlacement.POST).inParallel(true)))))
                .flatMap(rows -> rows);
    }

    private static TransformerLM dropping(double rate) {
        return new TransformerLM(SMALL.withBlock(block -> block.withDropout(rate)), RANDOM);
    }

    private static Stream<Arguments> presets() {
        return Stream.of(
                        sizes("bert", n -> new Bert(new TransformerSizes(n, 8, 1, 8, 2, 2, 16), 0, RANDOM)),
                        sizes("bert context", n -> new Bert(new TransformerSizes(11, n, 1, 8, 2, 2, 16), 0, RANDOM)),
                        refusedNumbers("bert", p -> new Bert(SIZES, p, RANDOM), -0.5, Double.NaN),
                        sizes("t5 layers", n -> new T5.Form(11, (int) n, 8, 2, 4, 16, false, 0)),
                        sizes("t5 width", n -> new T5(new T5.Form(11, 1, n, 2, 4, 16, false, 0), RANDOM)),
                        sizes("t5 heads", n -> new T5(new T5.Form(11, 1, 8, n, 4, 16, false, 0), RANDOM)),
                        sizes("t5 hidden", n -> new T5(new T5.Form(11, 1, 8, 2, 4, n, false, 0), RANDOM)),
                        sizes("vit channels", n -> vit(n, 8, 4, 1)),
                        refused("vit patch", n -> vit(1, 8, n, 1), 0, -3, 3, 16),
                        sizes("vit layers", n -> new VisionTransformer(vit(1, 8, 4, (int) n), RANDOM)),
                        sizes(
                                "vit classes",
                                n -> new VisionTransformer(
                                        new VisionTransformer.Form(
                                                1, 8, 4, 8, 1, 2, 16, VisionTransformer.Choices.of(n)),
                                        RANDOM)))
                .flatMap(rows -> rows);
    }

    private static final TransformerSizes SIZES = new TransformerSizes(11, 8, 1, 8, 2, 2, 16);

    private static VisionTransformer.Form vit(long channels, long size, long patch, int layers) {
        return new VisionTransformer.Form(channels, size, patch, 8, layers, 2, 16, VisionTransformer.Choices.of(3));
    }

    private static Stream<Arguments> states() {
        Mamba.Form mixer = Mamba.Form.of(8);
        return Stream.of(
                        sizes("mamba vocabulary", n -> new MambaLM.Form<>(n, 8, 1, mixer)),
                        sizes("mamba context", n -> new MambaLM.Form<>(11, n, 1, mixer)),
                        sizes("mamba layers", n -> new MambaLM.Form<>(11, 8, (int) n, mixer)),
                        sizes("mamba-2 width", Mamba2.Form::of),
                        sizes("mamba-3 width", Mamba3.Form::of),
                        sizes("hybrid layers", n -> new HybridForm<>(11, 8, (int) n, "ma", mixer, 2, 2, 0)),
                        refused("hybrid heads", n -> hybrid(n, 1), 0, -3, 3),
                        refused("hybrid key heads", n -> hybrid(4, n), 0, -3, 3),
                        sizes("zamba layers", n -> ZambaForm.zamba(new ZambaForm.Sizes(11, 8, (int) n, 8, 2, 16))),
                        sizes("zamba width", n -> ZambaForm.zamba(new ZambaForm.Sizes(11, 8, 2, n, 2, 16))),
                        refused("zamba heads", n -> ZambaForm.zamba(new ZambaForm.Sizes(11, 8, 2, 8, n, 16)), 0, -3, 3),
                        sizes("zamba hidden", n -> ZambaForm.zamba(new ZambaForm.Sizes(11, 8, 2, 8, 2, n))),
                        refused("memmamba heads", n -> new MemMambaForm(mixer, n, 4, 4, 0.5, 0.5, 2), 0, -3, 3),
                        refusedNumbers("memmamba", x -> new MemMambaForm(mixer, 1, 4, 4, x, 0.5, 2), -1, 1, Double.NaN),
                        sizes("memmamba layers", n -> new MemMambaLM.Form(11, 8, (int) n, MemMambaForm.of(8))))
                .flatMap(rows -> rows);
    }

    private static HybridLM<Mamba.State> hybrid(long heads, long keyHeads) {
        return new HybridLM<>(new HybridForm<>(11, 8, 2, "ma", Mamba.Form.of(8), heads, keyHeads, 0), RANDOM);
    }

    private static Stream<Arguments> mixtures() {
        return Stream.of(
                        refused("moe interval", n -> moe((int) n, 8), 0, -3, 2),
                        refused("moe width", n -> moe(1, n), 4))
                .flatMap(rows -> rows);
    }

    private static MoeConfig moe(int every, long width) {
        MixtureOfExperts.Form mixture =
                MixtureOfExperts.Form.dropless(new Experts.Form(width, 16, Activation.SILU, true));
        return new MoeConfig(
                SMALL,
                mixture,
                every,
                (n, random) -> new TopKRouter(n, 4, Scoring.SOFTMAX, TopK.of(2), WEIGHT, random),
                List.of());
    }

    private static Stream<Arguments> attachments() {
        return Stream.of(
                        refused("lora rank", n -> lora((int) n, 8), 0, -3),
                        refusedNumbers("lora alpha", x -> lora(2, x), 0, -1, Double.NaN, Double.POSITIVE_INFINITY),
                        sizes("adapter width", n -> adapters(8, n)),
                        refused("adapter input", n -> adapters(n, 4), 0, -3))
                .flatMap(rows -> rows);
    }

    private static Lora lora(int rank, double alpha) {
        return Lora.attach(new Linear(8, 8, true, RANDOM), (path, p) -> path.equals("weight"), rank, alpha, RANDOM);
    }

    private static Adapters adapters(long n, long width) {
        Sequential model = new Sequential(new Linear(8, 8, true, RANDOM));
        return Adapters.attach(model, (path, layer) -> layer instanceof Linear, n, width, Activation.RELU, RANDOM);
    }

    private static Stream<Arguments> exits() {
        return Stream.of(
                        refusedNumbers("exit costs", x -> new ExitLosses(x, 1, 2), -1, Double.NaN),
                        refusedNumbers("exit cost", x -> new ExitLosses(1, 1, x), 0.5, Double.NaN),
                        refusedNumbers("exit rule", ExitRule::confidence, -1, Double.NaN))
                .flatMap(rows -> rows);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource("constructions")
    void isNotBuilt(String what, String value, Executable make) {
        assertNames(what, make, value);
    }

    /// Nothing was chosen to attach to, or what cannot be changed.
    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void isNotAttached(String what, Executable attach, String part) {
        assertNames(what, attach, part);
    }

    static Stream<Arguments> choices() {
        Linear model = new Linear(8, 8, true, RANDOM);
        return Stream.of(
                Arguments.of("lora", (Executable) () -> Lora.attach(model, (path, p) -> false, 2, 4, RANDOM), "weight"),
                Arguments.of(
                        "ia3", (Executable) () -> Ia3.attach(model, (path, p) -> false, (path, p) -> false), "weight"),
                Arguments.of(
                        "adapters",
                        (Executable) () -> Adapters.attach(model, (path, l) -> false, 8, 4, Activation.RELU, RANDOM),
                        "modules"),
                Arguments.of(
                        "early exits", (Executable) () -> new EarlyExitNetwork(List.of(model), List.of(), RANDOM), "0"),
                Arguments.of(
                        "prefix",
                        (Executable) () -> new KeyValuePrefix(floats(2, 3, 4), floats(2, 4, 4)),
                        "[2, 4, 4]"));
    }

    // ---- use ----------------------------------------------------------------------------------------------------

    private record Reader(String name, LanguageModel model) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Reader> readers() {
        ZambaForm.Sizes zamba = new ZambaForm.Sizes(11, 8, 2, 8, 2, 16);
        return Stream.of(
                new Reader("transformer", new TransformerLM(SMALL, RANDOM)),
                new Reader("moe", new MoeLM(moe(1, 8), RANDOM)),
                new Reader("mamba", new MambaLM<>(new MambaLM.Form<>(11, 8, 1, Mamba.Form.of(8)), RANDOM)),
                new Reader("mamba-2", new MambaLM<>(new MambaLM.Form<>(11, 8, 1, Mamba2.Form.of(64)), RANDOM)),
                new Reader("hybrid", hybrid(2, 2)),
                new Reader("zamba", new ZambaLM<>(ZambaForm.zamba(zamba), RANDOM)),
                new Reader("memmamba", new MemMambaLM(new MemMambaLM.Form(11, 8, 1, MemMambaForm.of(8)), RANDOM)));
    }

    /// Tokens of a wrong rank or dtype.
    static Stream<Arguments> readings() {
        return readers().flatMap(reader -> {
            UnaryOperator<Tensor> read = reader.model::logits;
            return Stream.of(
                    row(reader.name, "a row of one", read, tokens(1).reshape(1), "[1]"),
                    row(reader.name, "a scalar", read, tokens(1).reshape(), "[]"),
                    row(reader.name, "numbers", read, Tensor.of(new float[] {1, 2}, 1, 2), "float32"));
        });
    }

    private static Tensor tokens(long... row) {
        return Tensor.of(row, 1, row.length);
    }

    @ParameterizedTest
    @MethodSource("readers")
    void namesTokensThatItDoesNotKnow(Reader reader) {
        reader.model.logits(tokens(1, 2, 10));
        for (long token : new long[] {-1, 11}) {
            String message = assertThrows(IndexOutOfBoundsException.class, () -> reader.model.logits(tokens(1, token)))
                    .getMessage();
            assertTrue(message.contains(" is " + token + ", expected at least 0 and less than 11"), message);
        }
    }

    /// What layers do not take.
    static Stream<Arguments> inputs() {
        MultiHeadAttention attention =
                new MultiHeadAttention(ATTENTION, Positions.NONE, AttentionNames.LLAMA, WEIGHT, WEIGHT, RANDOM);
        UnaryOperator<Tensor> full = x -> attention.attend(x, AttentionMask.FULL);
        UnaryOperator<Tensor> memory = x -> attention.read(x).k();
        QueryKeyProductAttention products = new QueryKeyProductAttention(ATTENTION, true, WEIGHT, RANDOM);
        VisionTransformer vit = new VisionTransformer(vit(1, 8, 4, 1), RANDOM);
        return Stream.of(
                row("attention", "a row", full, floats(8), "[8]"),
                row("attention", "another width", full, floats(1, 3, 9), "9"),
                row("attention", "integers", full, floats(1, 3, 8).to(DType.INT64), "int64"),
                row("memory", "another width", memory, floats(1, 3, 9), "9"),
                row("products", "another width", products::apply, floats(1, 3, 9), "9"),
                row("vit", "another size", vit::apply, floats(1, 1, 8, 9), "9"),
                row("vit", "other channels", vit::apply, floats(1, 2, 8, 8), "2"),
                row(
                        "rotary",
                        "too far",
                        x -> new RotaryPositions(2, 4, RotaryScheme.of(10)).turn(x, 1),
                        floats(1, 2, 2, 4),
                        "2"),
                row("mask", "numbers", x -> AttentionMask.visible(x).hidden(), floats(3, 3), "float32"));
    }

    private static Tensor floats(long... shape) {
        return RANDOM.normal(DType.FLOAT32, shape);
    }

    private static Arguments row(String name, String what, UnaryOperator<Tensor> use, Tensor x, String part) {
        return Arguments.of(name, what, (Executable) () -> use.apply(x), part);
    }

    @ParameterizedTest(name = "{0} of {1}")
    @MethodSource({"readings", "inputs"})
    void isNotRead(String name, String what, Executable run, String part) {
        assertNames(name + " of " + what, run, part);
    }
}
