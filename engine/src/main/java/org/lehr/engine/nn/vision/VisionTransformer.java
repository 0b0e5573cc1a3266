package org.lehr.engine.nn.vision;

import org.lehr.engine.nn.Activation;
import org.lehr.engine.nn.Conv2d;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Mlp;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.attention.AttentionForm;
import org.lehr.engine.nn.attention.AttentionMask;
import org.lehr.engine.nn.attention.AttentionNames;
import org.lehr.engine.nn.attention.PositionScheme;
import org.lehr.engine.nn.attention.Positions;
import org.lehr.engine.nn.transformer.BlockForm;
import org.lehr.engine.nn.transformer.BlockNames;
import org.lehr.engine.nn.transformer.BlockStack;
import org.lehr.engine.nn.transformer.Depth;
import org.lehr.engine.nn.transformer.Initial;
import org.lehr.engine.nn.transformer.NormFactory;
import org.lehr.engine.nn.transformer.NormPlacement;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.kernels.ConvolutionKernels;
import org.lehr.kernels.DType;

/// A transformer over the patches of an image (ViT; Dosovitskiy et al. 2021): layer norms before the parts, GELU,
/// biases.
/// Names as in the files: `vit.embeddings.cls_token`, `vit.encoder.layer.0.attention.attention.query`, ...,
/// `classifier`.
/// `x [b, channels, h, w] → [b, classes]`
public final class VisionTransformer extends Layer {

    /// The shape of a network.
    ///
    /// @param channels of the image
    /// @param size height and width of the image, a multiple of `patch`
    /// @param patch height and width of a patch
    /// @param width of the stream
    /// @param layers number of blocks
    /// @param heads of attention
    /// @param hidden inner width of the feed-forward layers
    /// @param choices what does not concern size
    public record Form(
            long channels, long size, long patch, long width, int layers, long heads, long hidden, Choices choices) {

        public Form {
            if (channels < 1 || patch < 1 || size < patch || size % patch != 0) {
                throw new IllegalArgumentException("vit: needs channels, and an image whose side is a multiple of that"
                        + " of a patch, got " + channels + " channels, image " + size + ", patch " + patch);
            }
        }

        /// `vit-base-patch16-224`: 86 million parameters.
        public static Form base16(long classes) {
            return new Form(3, 224, 16, 768, 12, 12, 3072, Choices.of(classes));
        }

        /// DeiT-Ti: 5.7 million.
        public static Form tiny16(long classes) {
            return new Form(3, 224, 16, 192, 12, 3, 768, Choices.of(classes));
        }

        /// Patches along a side.
        public int side() {
            return Math.toIntExact(size / patch);
        }
    }

    /// Choices that leave the sizes as they are.
    ///
    /// @param classes number of classes
    /// @param classToken whether a learned place that is no patch comes first and is classified, instead of the
    /// mean
    /// @param table whether a learned row is added for each place
    /// @param positions how positions enter attention, such as
    /// [org.lehr.engine.nn.attention.ImageRelativePositions]
    /// @param dropout probability of dropping an addition to the stream
    public record Choices(long classes, boolean classToken, boolean table, PositionScheme positions, double dropout) {

        /// A class token, learned rows, no dropout.
        public static Choices of(long classes) {
            return new Choices(classes, true, true, PositionScheme.none(), 0);
        }
    }

    private final Form form;
    private final Parameter classToken;
    private final Parameter table;
    private final Conv2d patches;
    private final Dropout dropout;
    private final BlockStack blocks;
    private final Layer norm;
    private final Linear head;

    public VisionTransformer(Form form, RandomStream random) {
        this.form = form;
        Choices choices = form.choices;
        Initializer weight = Initializer.truncatedNormal(0.02);
        long n = form.width;
        long places = (long) form.side() * form.side() + (choices.classToken ? 1 : 0);
        classToken = choices.classToken ? parameter("vit.embeddings.cls_token", first(weight, random, "cls", 1)) : null;
        table = choices.table
                ? parameter("vit.embeddings.position_embeddings", first(weight, random, "positions", places))
                : null;
        patches = child(
                "vit.embeddings.patch_embeddings.projection",
                new Conv2d(
                        form.channels,
                        n,
                        new long[] {form.patch, form.patch},
                        ConvolutionKernels.Form.of(form.patch, 0, 1, 1),
                        true,
                        random.split("patches")));
        dropout = child("dropout", new Dropout(choices.dropout, random.split("dropout")));
        NormFactory norms = NormFactory.layer(1e-12);
        AttentionForm attention = AttentionForm.of(
                n,
                form.heads,
                form.heads,
                AttentionForm.Choices.plain().withBiases(true).withPositions(choices.positions));
        Positions positions = choices.positions.perLayer()
                ? Positions.NONE
                : choices.positions.make(attention, places, random.split("relative"));
        blocks = new BlockStack(
                Depth.of(form.layers),
                block(attention, norms),
                positions,
                new Initial(0.02, false),
                random.split("layer"));
        children("vit.encoder.layer", blocks.distinct());
        norm = child("vit.layernorm", norms.make(n));
        head = child(
                "classifier",
                new Linear(n, choices.classes, Initializer.constant(0), weight, random.split("classifier")));
    }

    private Tensor first(Initializer weight, RandomStream random, String name, long places) {
        return weight.make(DType.FLOAT32, Shape.of(1, places, form.width), random.split(name));
    }

    private BlockForm block(AttentionForm attention, NormFactory norms) {
        AttentionNames inAttention = new AttentionNames(
                "attention.query", "attention.key", "attention.value", null, "output.dense", null, null);
        return new BlockForm(
                attention,
                new Mlp.Form(form.hidden, Activation.GELU, false, true),
                norms,
                NormPlacement.PRE,
                false,
                1,
                form.choices.dropout,
                new BlockNames(
                        "layernorm_before",
                        "attention",
                        null,
                        "layernorm_after",
                        null,
                        null,
                        inAttention,
                        new Mlp.Names(null, "intermediate.dense", "output.dense", false)));
    }

    /// What the blocks make of the places. `x [b, channels, h, w] → [b, places, n]`, the class token first where
    /// there is
    /// one
    public Tensor places(Tensor x) {
        if (x.rank() != 4 || !x.shape().slice(1, 4).equals(Shape.of(form.channels, form.size, form.size))) {
            throw new ShapeMismatchException("vit: needs images [b, " + form.channels + ", " + form.size + ", "
                    + form.size + "], got " + x.shape());
        }
        Tensor grid = patches.apply(x);
        Tensor y = grid.reshape(x.extent(0), form.width, grid.extent(2) * grid.extent(3))
                .transpose(1, 2);
        if (classToken != null) {
            y = Concat.concat(1, classToken.value().expand(x.extent(0), 1, form.width), y);
        }
        y = table == null ? y : y.add(table.value());
        return norm.apply(blocks.apply(dropout.apply(y), AttentionMask.FULL));
    }

    /// What goes into the last map. `x [b, channels, h, w] → [b, n]`
    public Tensor features(Tensor x) {
        Tensor places = places(x);
        return classToken == null ? places.mean(1) : places.slice(1, 0, 1).squeeze(1);
    }

    @Override
    protected Tensor forward(Tensor x) {
        return head.apply(features(x));
    }
}
