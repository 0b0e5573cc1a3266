package org.lehr.engine.train;

/// Everything that decides what a run computes, as it stands in `config.json`. Threads and folders are not part of it:
/// they change nothing in the result.
///
/// @param seed from which all randomness comes
/// @param precision dtype of parameters and activations
/// @param data what is learnt
/// @param model the model's shape
/// @param optimization how it is trained
public record RunConfig(long seed, String precision, Data data, Model model, Optimization optimization) {

    /// What is learnt.
    ///
    /// @param source `jdk` for the sources of the running JDK, or a file or folder
    /// @param validationTokens how many held-out tokens a validation looks at
    /// @param tokenizer `byte`, `char`, `bpe:N`, or a `tokenizer.json`
    public record Data(String source, int validationTokens, String tokenizer) {}

    /// The model's shape; see [org.lehr.engine.nn.transformer.TransformerSizes].
    ///
    /// @param experts what only mixtures of experts have
    public record Model(
            String arch,
            int layers,
            int width,
            int heads,
            int keyHeads,
            int hidden,
            int context,
            double dropout,
            Experts experts) {

        /// The same shape of another architecture.
        public Model withArch(String other) {
            return sized(other, width, hidden);
        }

        /// Another architecture of other widths.
        Model sized(String arch, int width, int hidden) {
            return new Model(arch, layers, width, heads, keyHeads, hidden, context, dropout, experts);
        }
    }

    /// The mixtures of experts of a model; see [org.lehr.engine.nn.moe.MoeConfig].
    ///
    /// @param count experts of a mixture, each with the model's hidden width
    /// @param chosen how many of them a token has
    /// @param shared how many more all tokens share
    /// @param every one block of so many has a mixture
    /// @param router the name of a router, one of [org.lehr.engine.nn.moe.Routers]
    public record Experts(int count, int chosen, int shared, int every, String router) {

        /// Two of eight in every block, chosen by a softmax.
        public static final Experts DEFAULT = new Experts(8, 2, 0, 1, "softmax");
    }

    /// How the model is trained.
    ///
    /// @param optimizer as [org.lehr.engine.optim.OptimizerSpec] reads it, such as `adamw` or `lion:beta1=0.95`
    /// @param schedule of the learning rate, as [org.lehr.engine.schedule.control.ControlSpec] reads it, such as
    ///     `cosine`, `wsd:decay=0.2` or `plateau:patience=3+cosine`
    /// @param learningRate the peak rate
    /// @param warmup steps until the peak
    /// @param weightDecay pull of matrices towards zero
    /// @param clip largest norm of the gradient
    /// @param batch sequences per step
    /// @param steps how many steps
    public record Optimization(
            String optimizer,
            String schedule,
            double learningRate,
            int warmup,
            double weightDecay,
            double clip,
            int batch,
            int steps) {}
}
