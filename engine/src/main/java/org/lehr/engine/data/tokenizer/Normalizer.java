package org.lehr.engine.data.tokenizer;

/// Rewrites text before it is cut.
@FunctionalInterface
interface Normalizer {

    String apply(String text);
}
