package org.lehr.engine.nn.preset;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Embedding;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.KeyValueCache;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.attention.BucketedPositions;
import org.lehr.engine.nn.attention.MultiHeadAttention.Memory;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.DecoderBlock;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.nn.transformer.TransformerBlock;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;

/// An encoder and a decoder (T5; Raffel et al. 2020): root-mean-square norms before the parts, distances in buckets,
/// scores without a factor, no biases. Names as in the files: `shared`, `encoder.block.0.layer.0.SelfAttention.q`, ...
public final class T5 extends Module {

    /// The shape of the model.
    ///
    /// @param vocabulary number of tokens
    /// @param layers of the encoder, and of the decoder
    /// @param width width of the streams
    /// @param heads of attention
    /// @param headWidth of each
    /// @param hidden inner width of the feed-forward layers
    /// @param gated whether they are gated by GELU and the head has weights of its own (T5 1.1), instead of ReLU
    /// and a
    ///     head tied to the embedding
    /// @param dropout 0.1 is usual
    public record Form(
            long vocabulary,
            int layers,
            long width,
            long heads,
            long headWidth,
            long hidden,
            boolean gated,
            double dropout) {

        /// `t5-small`: 60 million parameters.
        public static final Form SMALL = new Form(32_128, 6, 512, 8, 64, 2048, false, 0.1);

        /// `t5-base`: 223 million.
        public static final Form BASE = new Form(32_128, 12, 768, 12, 64, 3072, false, 0.1);

        public Form {
            if (vocabulary < 1 || layers < 1) {
                throw new IllegalArgumentException(
                        "t5: sizes must be positive, got vocabulary " + vocabulary + ", layers " + layers);
            }
        }
    }

    private static final DecoderBlock.CrossNames CROSS =
            new DecoderBlock.CrossNames("layer.1.layer_norm", "layer.1.EncDecAttention", null);

    private final Form form;
    private final Embedding shared;
    private final List<TransformerBlock> encoder;
    private final RmsNorm encoderNorm;
    private final List<DecoderBlock> decoder;
    private final RmsNorm decoderNorm;
    private final Linear head;
    private final Dropout dropout;

    public T5(Form form, RandomStream random) {
        this.form = form;
        Initializer byFan = (dtype, shape, stream) ->
                Initializer.normal(1 / Math.sqrt(shape.extent(1))).make(dtype, shape, stream);
        shared = child(
                "shared", new Embedding(form.vocabulary, form.width, Initializer.normal(1), random.split("shared")));
        dropout = child("dropout", new Dropout(form.dropout, random.split("dropout")));
        Positions both = positions("encoder", true, random);
        BlockForm reading = block("layer.1");
        encoder = children(
                "encoder.block",
                IntStream.range(0, form.layers)
                        .mapToObj(i -> new TransformerBlock(
                                reading,
                                both,
                                byFan,
                                byFan,
                                random.split("encoder").split(i)))
                        .toList());
        encoderNorm = child("encoder.final_layer_norm", new RmsNorm(form.width, 1e-6));
        Positions one = positions("decoder", false, random);
        BlockForm writing = block("layer.2");
        decoder = children(
                "decoder.block",
                IntStream.range(0, form.layers)
                        .mapToObj(i -> new DecoderBlock(
                                writing,
                                CROSS,
                                one,
                                byFan,
                                byFan,
                                random.split("decoder").split(i)))
                        .toList());
        decoderNorm = child("decoder.final_layer_norm", new RmsNorm(form.width, 1e-6));
        head = form.gated
                ? child("lm_head", new Linear(form.width, form.vocabulary, null, byFan, random.split("lm_head")))
                : null;
        shrinkQueries();
    }

    /// Queries begin smaller by the root of the width of a head: scores have no factor.
    private void shrinkQueries() {
        parameters().forEach((path, parameter) -> {
            if (path.endsWith("Attention.q.weight")) {
                scale(parameter, 1 / Math.sqrt(form.headWidth));
            }
        });
    }

    private static void scale(Parameter parameter, double factor) {
        parameter.set(parameter.own().detach().mul(factor));
    }

    private Positions positions(String side, boolean both, RandomStream random) {
        BucketedPositions positions = new BucketedPositions(
                form.heads,
                new BucketedPositions.Buckets(32, 128, both),
                Initializer.normal(1 / Math.sqrt(form.width)),
                random.split(side + " positions"));
        return child(side + ".block.0.layer.0.SelfAttention.relative_attention_bias", positions);
    }

    private BlockForm block(String mlp) {
        AttentionForm.Choices choices = AttentionForm.Choices.plain().withScale(1);
        Mlp.Names inMlp =
                form.gated ? new Mlp.Names("wi_0", "wi_1", "wo", false) : new Mlp.Names(null, "wi", "wo", false);
        return new BlockForm(
                new AttentionForm(form.width, form.heads, form.heads, form.headWidth, choices),
                new Mlp.Form(form.hidden, form.gated ? Activation.GELU_TANH : Activation.RELU, form.gated, false),
                NormFactory.rms(1e-6),
                NormPlacement.PRE,
                false,
                1,
                form.dropout,
                new BlockNames(
                        "layer.0.layer_norm",
                        "layer.0.SelfAttention",
                        null,
                        mlp + ".layer_norm",
                        mlp + ".DenseReluDense",
                        null,
                        new AttentionNames("q", "k", "v", null, "o", null, null),
                        inMlp));
    }

    /// What the encoder makes of a sequence. `tokens int [b, s] → [b, s, n]`
    ///
    /// @param padding true where a token is none, `bool [b, s]`; or null
    public Tensor encode(Tensor tokens, Tensor padding) {
        AttentionMask mask = padding == null ? AttentionMask.FULL : AttentionMask.FULL.padded(padding);
        Tensor x = dropout.apply(shared.apply(tokens));
        for (TransformerBlock block : encoder) {
            x = block.apply(x, mask);
        }
        return dropout.apply(encoderNorm.apply(x));
    }

    /// The logits of each token behind those before it. `tokens int [b, t], encoded [b, s, n] → [b, t, vocabulary]`
    ///
    /// @param tokens what is written so far, a beginning token first
    /// @param padding as in [#encode]
    public Tensor logits(Tensor tokens, Tensor encoded, Tensor padding) {
        Tensor x = dropout.apply(shared.apply(tokens));
        for (DecoderBlock block : decoder) {
            x = block.apply(x, block.read(encoded), padding);
        }
        return scores(x);
    }

    /// What each block of the decoder reads of the encoder's output, once for all steps of [#next].
    public List<Memory> read(Tensor encoded) {
        return decoder.stream().map(block -> block.read(encoded)).toList();
    }

    /// The logits behind the last of further tokens, which `caches` remember: for each row one for each layer.
    /// `tokens int [b, t] → [b, 1, vocabulary]`
    ///
    /// @param memory what [#read] gave
    public Tensor next(Tensor tokens, List<Memory> memory, Tensor padding, List<List<KeyValueCache>> caches) {
        Tensor x = dropout.apply(shared.apply(tokens));
        for (int i = 0; i < decoder.size(); i++) {
            int place = i;
            List<KeyValueCache> mine =
                    caches.stream().map(row -> row.get(place)).toList();
            x = decoder.get(i).extend(x, memory.get(i), padding, mine);
        }
        return scores(x.slice(1, x.extent(1) - 1, x.extent(1)));
    }

    private Tensor scores(Tensor x) {
        Tensor normed = dropout.apply(decoderNorm.apply(x));
        return head != null ? head.apply(normed) : shared.scores(normed.mul(1 / Math.sqrt(form.width)));
    }

    /// The shape.
    public Form form() {
        return form;
    }
}
