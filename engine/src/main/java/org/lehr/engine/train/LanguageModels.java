package org.lehr.engine.train;

import java.util.List;
import java.util.Locale;
import org.lehr.engine.nn.LanguageModel;
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
import org.lehr.engine.nn.transformer.TransformerConfig;
import org.lehr.engine.nn.transformer.TransformerLM;
import org.lehr.engine.nn.transformer.TransformerSizes;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// Language models by the names that configurations use.
public final class LanguageModels {

    /// The architectures there are.
    public static final List<String> ARCHITECTURES = List.of("transformer", "moe", "mamba", "mamba2", "mamba3");

    /// The precisions there are, by the names of the command line.
    public static final List<String> PRECISIONS = List.of("float32", "bfloat16", "float64");

    private LanguageModels() {}

    /// The model that `config` describes, at its first values.
    ///
    /// @param vocabulary number of tokens
    public static LanguageModel make(RunConfig config, int vocabulary) {
        RunConfig.Model form = config.model();
        RandomStream random = new RandomStream(config.seed()).split("model");
        LanguageModel model = switch (form.arch()) {
            case "transformer" -> new TransformerLM(shape(form, vocabulary), random);
            case "moe" -> new MoeLM(mixtures(form.experts(), shape(form, vocabulary)), random);
            case "mamba" -> recurrent(form, Mamba.Form.of(form.width()), vocabulary, random);
            case "mamba2" -> recurrent(form, Mamba2.Form.of(form.width()), vocabulary, random);
            case "mamba3" -> recurrent(form, Mamba3.Form.of(form.width()), vocabulary, random);
            default ->
                throw new IllegalArgumentException(
                        "architecture '" + form.arch() + "': expected one of " + ARCHITECTURES);
        };
        DType dtype = precision(config.precision());
        if (dtype != DType.FLOAT32) {
            model.module().convert(dtype);
        }
        return model;
    }

    private static <S> MambaLM<S> recurrent(
            RunConfig.Model form, MixerForm<S> mixer, int vocabulary, RandomStream random) {
        return new MambaLM<>(new MambaLM.Form<>(vocabulary, form.context(), form.layers(), mixer), random);
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
