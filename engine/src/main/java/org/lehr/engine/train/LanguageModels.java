package org.lehr.engine.train;

import java.util.List;
import java.util.Locale;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.hybrid.HybridForm;
import org.lehr.engine.nn.hybrid.HybridLM;
import org.lehr.engine.nn.hybrid.MemMambaForm;
import org.lehr.engine.nn.hybrid.MemMambaLM;
import org.lehr.engine.nn.hybrid.ZambaForm;
import org.lehr.engine.nn.hybrid.ZambaLM;
import org.lehr.engine.nn.moe.DensePath;
import org.lehr.engine.nn.moe.Experts;
import org.lehr.engine.nn.moe.MixtureOfExperts;
import org.lehr.engine.nn.moe.MoeConfig;
import org.lehr.engine.nn.moe.MoeLM;
import org.lehr.engine.nn.moe.Routers;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.Mamba2;
import org.lehr.engine.nn.ssm.Mamba3;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.nn.ssm.MixerForm;
import org.lehr.engine.nn.ssm.S4D;
import org.lehr.engine.nn.ssm.S4DMixer;
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// Language models by the names that configurations use.
public final class LanguageModels {

    /// The architectures there are.
    public static final List<String> ARCHITECTURES =
            List.of("transformer", "moe", "mamba", "mamba2", "mamba3", "s4d", "zamba", "zamba2", "hybrid", "memmamba");

    /// The precisions there are, by the names of the command line.
    public static final List<String> PRECISIONS = List.of("float32", "bfloat16", "float64");

    private LanguageModels() {}

    /// The model that `config` describes, at its first values.
    ///
    /// @param vocabulary number of tokens
    public static LanguageModel make(RunConfig config, int vocabulary) {
        LanguageModel model = make(config.model(), vocabulary, new RandomStream(config.seed()).split("model"));
        DType dtype = precision(config.precision());
        if (dtype != DType.FLOAT32) {
            model.module().convert(dtype);
        }
        return model;
    }

    /// The model of this shape in float32.
    public static LanguageModel make(RunConfig.Model form, int vocabulary, RandomStream random) {
        return switch (form.arch()) {
            case "transformer" -> new TransformerLM(shape(form, vocabulary), random);
            case "moe" -> new MoeLM(mixtures(form.experts(), shape(form, vocabulary)), random);
            case "mamba" -> recurrent(form, Mamba.Form.of(form.width()), vocabulary, random);
            case "mamba2" -> recurrent(form, Mamba2.Form.of(form.width()), vocabulary, random);
            case "mamba3" -> recurrent(form, Mamba3.Form.of(form.width()), vocabulary, random);
            case "s4d" -> recurrent(form, new S4DMixer.Form(S4D.Form.of(form.width())), vocabulary, random);
            case "zamba" -> new ZambaLM<>(ZambaForm.zamba(sizes(form, vocabulary)), random);
            case "zamba2" -> new ZambaLM<>(ZambaForm.zamba2(sizes(form, vocabulary)), random);
            case "hybrid" ->
                new HybridLM<>(
                        new HybridForm<>(
                                vocabulary,
                                form.context(),
                                form.layers(),
                                HybridForm.usualPattern(form.layers()),
                                Mamba.Form.of(form.width()),
                                form.heads(),
                                form.keyHeads(),
                                form.hidden()),
                        random);
            case "memmamba" ->
                new MemMambaLM(
                        new MemMambaLM.Form(vocabulary, form.context(), form.layers(), MemMambaForm.of(form.width())),
                        random);
            default ->
                throw new IllegalArgumentException(
                        "architecture '" + form.arch() + "': expected one of " + ARCHITECTURES);
        };
    }

    private static <S> MambaLM<S> recurrent(
            RunConfig.Model form, MixerForm<S> mixer, int vocabulary, RandomStream random) {
        return new MambaLM<>(new MambaLM.Form<>(vocabulary, form.context(), form.layers(), mixer), random);
    }

    private static ZambaForm.Sizes sizes(RunConfig.Model form, int vocabulary) {
        return new ZambaForm.Sizes(
                vocabulary, form.context(), form.layers(), form.width(), form.heads(), form.hidden());
    }

    private static TransformerConfig shape(RunConfig.Model form, int vocabulary) {
        TransformerSizes sizes = new TransformerSizes(
                vocabulary, form.context(), form.layers(), form.width(), form.heads(), form.keyHeads(), form.hidden());
        return TransformerConfig.of(sizes).withBlock(block -> block.withDropout(form.dropout()));
    }

    private static MoeConfig mixtures(RunConfig.Experts form, TransformerConfig shape) {
        Routers router = Routers.named(form.router());
        Experts.Form expert = new Experts.Form(
                shape.width(),
                shape.block().mlp().hidden(),
                shape.block().mlp().activation(),
                shape.block().mlp().gated());
        DensePath shared = form.shared() == 0
                ? null
                : new DensePath(
                        DensePath.Join.SHARED,
                        form.shared() * shape.block().mlp().hidden());
        return new MoeConfig(
                shape,
                new MixtureOfExperts.Form(expert, null, shared),
                form.every(),
                router.of(form.count(), form.chosen(), shape.vocabulary()),
                router.losses());
    }

    private static DType precision(String name) {
        if (!PRECISIONS.contains(name)) {
            throw new IllegalArgumentException("precision '" + name + "': expected one of " + PRECISIONS);
        }
        return DType.valueOf(name.toUpperCase(Locale.ROOT));
    }
}
