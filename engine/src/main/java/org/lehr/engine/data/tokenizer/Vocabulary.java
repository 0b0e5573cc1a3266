package org.lehr.engine.data.tokenizer;

import java.util.HashMap;
import java.util.Map;

/// Tokens by number and numbers by token.
final class Vocabulary {

    private final Map<String, Integer> ids;
    private final String[] tokens;

    /// @param ids a number of at least 0 for each token; numbers may be left out
    Vocabulary(Map<String, Integer> ids) {
        this.ids = new HashMap<>(ids);
        tokens = new String[ids.values().stream().mapToInt(id -> id + 1).max().orElse(0)];
        ids.forEach((token, id) -> tokens[id] = token);
    }

    /// The number of `token`, −1 where it is not a token.
    int id(String token) {
        return ids.getOrDefault(token, -1);
    }

    /// The token of this number, null where there is none.
    String token(int id) {
        return id < tokens.length ? tokens[id] : null;
    }

    /// The largest number and one.
    int size() {
        return tokens.length;
    }

    /// The numbers of the tokens `<0x00>` to `<0xFF>`, −1 for those that are missing.
    int[] byteTokens() {
        int[] bytes = new int[256];
        for (int b = 0; b < 256; b++) {
            bytes[b] = id("<0x%02X>".formatted(b));
        }
        return bytes;
    }
}
