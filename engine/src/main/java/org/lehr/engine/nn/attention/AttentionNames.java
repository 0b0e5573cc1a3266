package org.lehr.engine.nn.attention;

/// What the parts of an attention layer are called in checkpoints.
///
/// @param query the map to queries
/// @param key the map to keys
/// @param value the map to values
/// @param joint one map to queries, keys and values, stored as `[in, out]`, in place of the three; null for three
/// @param output the map from joined heads
/// @param queryNorm the norm of queries
/// @param keyNorm the norm of keys
public record AttentionNames(
        String query, String key, String value, String joint, String output, String queryNorm, String keyNorm) {

    /// `q_proj`, `k_proj`, `v_proj`, `o_proj`, `q_norm`, `k_norm`
    public static final AttentionNames LLAMA =
            new AttentionNames("q_proj", "k_proj", "v_proj", null, "o_proj", "q_norm", "k_norm");
}
