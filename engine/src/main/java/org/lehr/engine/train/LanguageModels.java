package org.lehr.engine.train;

import java.util.List;
import java.util.Locale;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.nn.TransformerConfig;
import org.lehr.engine.nn.TransformerLM;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.nn.ssm.MambaLM;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.kernels.DType;

/// Language models by the names that configurations use.
public final class LanguageModels {

    /// The architectures there are.
    public static final List<String> ARCHITECTURES = List.of("transformer", "mamba");

    /// The precisions there are, by the names of the command line.
    public static final List<String> PRECISIONS = List.of("float32", "bfloat16", "float64");

    private LanguageModels() {}

    /// The model that `config` describes, at its first values.
    ///
    /// @param vocabulary number of tokens
    public static LanguageModel make(RunConfig config, int vocabulary) {
        RunConfig.Model form = config.model();
        if (!ARCHITECTURES.contains(form.arch())) {
            throw new IllegalArgumentException("architecture '" + form.arch() + "': expected one of " + ARCHITECTURES);
        }
        RandomStream random = new RandomStream(config.seed()).split("model");
        LanguageModel model = form.arch().equals("mamba")
                ? new MambaLM(
                        new MambaLM.Form(vocabulary, form.context(), form.layers(), Mamba.Form.of(form.width())),
                        random)
                : transformer(form, vocabulary, random);
        DType dtype = precision(config.precision());
        if (dtype != DType.FLOAT32) {
            model.module().convert(dtype);
        }
        return model;
    }

    private static TransformerLM transformer(RunConfig.Model form, int vocabulary, RandomStream random) {
        TransformerConfig.Choices usual = TransformerConfig.Choices.defaults();
        TransformerConfig.Choices choices = new TransformerConfig.Choices(
                usual.activation(),
                usual.gated(),
                usual.queryKeyNorm(),
                usual.tied(),
                0,
                form.dropout(),
                usual.initialDeviation());
        return new TransformerLM(
                new TransformerConfig(
                        vocabulary,
                        form.context(),
                        form.layers(),
                        form.width(),
                        form.heads(),
                        form.keyHeads(),
                        form.hidden(),
                        choices),
                random);
    }

    private static DType precision(String name) {
        if (!PRECISIONS.contains(name)) {
            throw new IllegalArgumentException("precision '" + name + "': expected one of " + PRECISIONS);
        }
        return DType.valueOf(name.toUpperCase(Locale.ROOT));
    }
}
