package org.lehr.engine.data.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.lehr.engine.data.DataException;
import org.lehr.engine.io.AtomicFiles;

/// Files `tokenizer.json` in the format of Hugging Face's tokenizers, with models of kind BPE and Unigram.
///
/// Padding and truncation, which such a file may ask for, are left to whoever makes batches.
public final class TokenizerJson {

    private static final JsonMapper JSON = JsonMapper.builder(com.fasterxml.jackson.core.JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private TokenizerJson() {}

    /// Reads `file`.
    ///
    /// @throws DataException when it is absent or damaged, or names a part that is not known
    public static TextTokenizer read(Path file) {
        try {
            return parse(file.toString(), JSON.readTree(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            throw new DataException("no such tokenizer file: " + file, e);
        } catch (JsonProcessingException e) {
            throw new DataException("tokenizer " + file + ": " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new DataException("cannot read the tokenizer " + file + ": " + e.getMessage(), e);
        }
    }

    static TextTokenizer parse(String name, JsonNode root) {
        Part part = new Part("tokenizer " + name + ":", root);
        if (!root.isObject()) {
            throw part.wrong("expected an object");
        }
        return new TextTokenizer(part);
    }

    /// Writes `tokenizer`, whole or not at all, so that [#read] gives the same tokenizer.
    public static void write(TextTokenizer tokenizer, Path file) throws IOException {
        AtomicFiles.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tokenizer.json()));
    }

    /// The description of a tokenizer with a model of kind BPE.
    ///
    /// @param vocabulary tokens with their numbers
    /// @param merges pairs of tokens
    /// @param specials special tokens with their numbers
    /// @param preTokenizer JSON, as decoder
    static TextTokenizer bpe(
            Map<String, Integer> vocabulary,
            List<List<String>> merges,
            Map<String, Integer> specials,
            String preTokenizer,
            String decoder,
            boolean byteFallback) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", "1.0").putNull("truncation").putNull("padding");
        ArrayNode added = root.putArray("added_tokens");
        specials.forEach((content, id) -> added.addObject()
                .put("id", id)
                .put("content", content)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true));
        root.putNull("normalizer");
        root.set("pre_tokenizer", tree(preTokenizer));
        root.putNull("post_processor");
        root.set("decoder", tree(decoder));
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE").putNull("dropout").putNull("unk_token");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", byteFallback).put("ignore_merges", false);
        ObjectNode ids = model.putObject("vocab");
        vocabulary.forEach(ids::put);
        specials.forEach(ids::put);
        ArrayNode pairs = model.putArray("merges");
        merges.forEach(merge -> pairs.addArray().add(merge.get(0)).add(merge.get(1)));
        return parse("trained", root);
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("not JSON: " + json, e);
        }
    }
}
