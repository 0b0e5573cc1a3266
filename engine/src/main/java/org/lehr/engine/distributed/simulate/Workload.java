package org.lehr.engine.distributed.simulate;

/// A transformer with a mixture of experts in each block, trained in half precision.
///
/// @param layers blocks
/// @param width of a token
/// @param hidden inner width of an expert, which has two matrices
/// @param context tokens of a sequence
/// @param sequences of each device in a step
/// @param vocabulary of the last map
/// @param experts of a block
/// @param chosen experts of a token
public record Workload(
        int layers, int width, int hidden, int context, int sequences, int vocabulary, int experts, int chosen) {

    private static final double VALUE_BYTES = 2;
    // Adam in mixed precision: first values in single precision and two moments.
    private static final double STATE_BYTES = 12;
    private static final int VOCABULARY = 50_257;

    public Workload {
        int least = Math.min(
                Math.min(Math.min(layers, width), Math.min(hidden, context)),
                Math.min(Math.min(sequences, vocabulary), Math.min(experts, chosen)));
        if (least < 1 || chosen > experts) {
            throw new IllegalArgumentException(
                    "workload: sizes must be positive and no more experts chosen than there are, got " + layers + ", "
                            + width + ", " + hidden + ", " + context + ", " + sequences + ", " + vocabulary + ", "
                            + experts + ", " + chosen);
        }
    }

    /// GPT-MoE-S of Qing et al. 2025: 1.84 billion parameters.
    public static Workload gptSmall() {
        return new Workload(12, 768, 1536, 2048, 4, VOCABULARY, 64, 2);
    }

    /// GPT-MoE-L of the same: 7.36 billion parameters.
    public static Workload gptLarge() {
        return new Workload(12, 1536, 3072, 2048, 2, VOCABULARY, 64, 2);
    }

    /// BERT-MoE of the same: 3.27 billion parameters.
    public static Workload bert() {
        return new Workload(12, 1024, 2048, 512, 16, 30_522, 64, 2);
    }

    /// BERT-MoE-Deep of the same: 6.54 billion parameters.
    public static Workload bertDeep() {
        return new Workload(24, 1024, 2048, 512, 8, 30_522, 64, 2);
    }

    public Workload withExperts(int other) {
        return new Workload(layers, width, hidden, context, sequences, vocabulary, other, chosen);
    }

    public Workload withLayers(int other) {
        return new Workload(other, width, hidden, context, sequences, vocabulary, experts, chosen);
    }

    /// Tokens of each device, times the experts of each.
    public double slots() {
        return (double) sequences * context * chosen;
    }

    /// Values of an expert.
    public double expertParameters() {
        return 2.0 * width * hidden;
    }

    /// Values of all experts.
    public double allExpertParameters() {
        return layers * experts * expertParameters();
    }

    double expertBytes() {
        return VALUE_BYTES * expertParameters();
    }

    /// What moves with an expert when its owner changes.
    double ownedBytes() {
        return (VALUE_BYTES + STATE_BYTES) * expertParameters();
    }

    double tokenBytes() {
        return VALUE_BYTES * width;
    }

    /// Two matrices on one token.
    double expertFlops() {
        return 2 * expertParameters();
    }

    /// Attention of a block forward on one device: four maps, scores and sums over half the context.
    double attentionFlops() {
        double maps = 8.0 * width * width;
        double scores = 2.0 * context * width;
        return sequences * (double) context * (maps + scores);
    }

    /// The last map forward on one device.
    double headFlops() {
        return 2.0 * sequences * context * width * vocabulary;
    }
}
