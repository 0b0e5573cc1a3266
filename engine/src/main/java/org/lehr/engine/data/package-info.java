/// Text for language models: corpora, tokenizers, and batches of windows in a reproducible order.
///
/// A [Corpus][org.lehr.engine.data.Corpus] is where documents come from, a [Split][org.lehr.engine.data.Split] says
/// which of them validate, a [TokenStream][org.lehr.engine.data.TokenStream] holds them as tokens, and
/// [TextBatches][org.lehr.engine.data.TextBatches] deals out windows of it. Nothing here knows of tensors: batches are
/// `int` arrays. A new source of documents is one class that implements `Corpus`, a new vocabulary one that implements
/// `Tokenizer`.
package org.lehr.engine.data;
