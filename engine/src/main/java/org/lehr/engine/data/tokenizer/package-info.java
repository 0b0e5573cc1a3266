/// Tokenizers of subwords: reading and writing `tokenizer.json` in the format of Hugging Face, and training.
///
/// A [TextTokenizer][org.lehr.engine.data.tokenizer.TextTokenizer] is a pipeline in the order of the file: added
/// tokens are cut out, a `Normalizer` rewrites what is between them, a `PreTokenizer` cuts it into pieces, a
/// `TokenModel` turns pieces into tokens; a `TokenDecoder` goes back. Each step is one interface and one class that
/// reads its kinds from the file: a new kind is one more line there.
/// [TokenizerJson][org.lehr.engine.data.tokenizer.TokenizerJson] is the file,
/// [BpeTrainer][org.lehr.engine.data.tokenizer.BpeTrainer] and
/// [CharacterVocabulary][org.lehr.engine.data.tokenizer.CharacterVocabulary] make one from text.
package org.lehr.engine.data.tokenizer;
