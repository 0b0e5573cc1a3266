package org.lehr.engine.data.tokenizer;

import java.util.List;

/// Rewrites the tokens of a text, step by step, into what is joined to the text.
@FunctionalInterface
interface TokenDecoder {

    List<String> apply(List<String> tokens);
}
