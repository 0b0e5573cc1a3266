package org.lehr.bench.parity;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.data.Document;
import org.lehr.engine.data.tokenizer.BpeTrainer;
import org.lehr.engine.data.tokenizer.TextTokenizer;
import org.lehr.engine.data.tokenizer.TokenizerJson;

/// The same files give the same tokens as Hugging Face's library, and the same texts back.
@NeedsPeer
class TokenizerParityTest {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> TEXTS = SampleTexts.all(400);

    private static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String O200K = "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*"
            + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?"
            + "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
            + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @TempDir
    private Path folder;

    @BeforeAll
    static void keepTheNativeLibraryInTheBuild() {
        System.setProperty(
                "ENGINE_CACHE_DIR", Path.of("target", "djl").toAbsolutePath().toString());
        System.setProperty("RUST_FLAVOR", "cpu");
        // It would say that nobody listens to its log.
        System.setProperty("slf4j.internal.verbosity", "ERROR");
    }

    private static TextTokenizer trained() {
        String all = String.join("\n", TEXTS) + " the tokens of the text and then the text of the tokens".repeat(20);
        return BpeTrainer.train(List.of(new Document("texts", all.getBytes(StandardCharsets.UTF_8))), 700);
    }

    private ObjectNode byteLevel() throws IOException {
        Path file = folder.resolve("trained.json");
        TokenizerJson.write(trained(), file);
        return (ObjectNode) JSON.readTree(Files.readAllBytes(file));
    }

    /// Compares tokens, tokens with specials, and the text that they give back.
    private void agree(ObjectNode json, boolean decodesExactly) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, JSON.writeValueAsString(json));
        TextTokenizer ours = TokenizerJson.read(file);
        try (HuggingFaceTokenizer theirs = HuggingFaceTokenizer.newInstance(file)) {
            for (String text : TEXTS) {
                String shown = "'" + text + "'";
                int[] expected = tokens(theirs.encode(text, false, false).getIds());
                int[] actual = ours.encode(text);
                assertArrayEquals(
                        expected,
                        actual,
                        () -> shown + " is " + spelled(ours, expected) + ", not " + spelled(ours, actual));
                assertArrayEquals(
                        tokens(theirs.encode(text, true, false).getIds()), ours.encodeWithSpecials(text), shown);
                if (decodesExactly) {
                    long[] ids = Arrays.stream(actual).asLongStream().toArray();
                    assertEquals(theirs.decode(ids, false), ours.decodeText(actual), shown);
                }
            }
        }
    }

    private static int[] tokens(long[] ids) {
        return Arrays.stream(ids).mapToInt(Math::toIntExact).toArray();
    }

    private static String spelled(TextTokenizer tokenizer, int[] tokens) {
        return Arrays.stream(tokens).mapToObj(tokenizer::spelling).toList().toString();
    }

    private static JsonNode tree(String json) throws IOException {
        return JSON.readTree(json);
    }

    @Test
    void byteLevelBpeLikeGpt2() throws IOException {
        agree(byteLevel(), true);
        ObjectNode prefixed = byteLevel();
        ((ObjectNode) prefixed.get("pre_tokenizer")).put("add_prefix_space", true);
        agree(prefixed, true);
    }

    @ParameterizedTest
    @ValueSource(strings = {LLAMA3, O200K})
    void byteLevelBpeLikeLlama3(String expression) throws IOException {
        ObjectNode json = byteLevel();
        ObjectNode split = (ObjectNode)
                tree("{'type':'Split','pattern':{},'behavior':'Isolated','invert':false}".replace('\'', '"'));
        ((ObjectNode) split.get("pattern")).put("Regex", expression);
        ObjectNode sequence = json.putObject("pre_tokenizer").put("type", "Sequence");
        sequence.putArray("pretokenizers")
                .add(split)
                .add(
                        tree(
                                "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true,\"use_regex\":false}"));
        ((ObjectNode) json.get("model")).put("ignore_merges", true);
        json.set("post_processor", tree("""
                        {"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":false,
                        "use_regex":true},{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|endoftext|>",
                        "type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[{"Sequence":{"id":"A","type_id":0}},
                        {"Sequence":{"id":"B","type_id":0}}],"special_tokens":{"<|endoftext|>":{"id":"<|endoftext|>",
                        "ids":[256],"tokens":["<|endoftext|>"]}}}]}"""));
        agree(json, true);
    }

    /// A model over characters and all pairs and triples of them that the texts have often, in their order.
    private static ObjectNode characterModel(boolean fuse, boolean fallback) {
        Map<String, Integer> counts = new TreeMap<>();
        for (String text : TEXTS) {
            int[] points = ("▁" + text.replace(' ', '▁')).codePoints().toArray();
            for (int length = 1; length <= 3; length++) {
                for (int i = 0; i + length <= points.length; i++) {
                    counts.merge(new String(points, i, length), 1, Integer::sum);
                }
            }
        }
        ObjectNode model = JSON.createObjectNode().put("type", "BPE");
        model.put("unk_token", "<unk>").put("fuse_unk", fuse).put("byte_fallback", fallback);
        model.putNull("dropout").putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        ObjectNode vocabulary = model.putObject("vocab").put("<unk>", 0);
        for (int b = 0; fallback && b < 256; b++) {
            vocabulary.put("<0x%02X>".formatted(b), vocabulary.size());
        }
        ArrayNode merges = model.putArray("merges");
        for (int length = 1; length <= 3; length++) {
            for (var entry : counts.entrySet()) {
                String token = entry.getKey();
                int points = token.codePointCount(0, token.length());
                int cut = token.offsetByCodePoints(0, 1);
                boolean parts =
                        points == 1 || vocabulary.has(token.substring(0, cut)) && vocabulary.has(token.substring(cut));
                if (points == length && entry.getValue() > 3 && parts && !vocabulary.has(token)) {
                    vocabulary.put(token, vocabulary.size());
                    if (points > 1) {
                        merges.addArray().add(token.substring(0, cut)).add(token.substring(cut));
                    }
                }
            }
        }
        return model;
    }

    private static ObjectNode sentencePiece(ObjectNode model) throws IOException {
        ObjectNode json = JSON.createObjectNode().put("version", "1.0");
        json.putNull("truncation").putNull("padding");
        json.set("added_tokens", tree("""
                        [{"id":0,"content":"<unk>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
                        {"id":9000,"content":"<s>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
                        {"id":9001,"content":"<mask>","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":true},
                        {"id":9002,"content":"one","single_word":true,"lstrip":false,"rstrip":true,"normalized":true,"special":false},
                        {"id":9003,"content":"on","single_word":false,"lstrip":true,"rstrip":false,"normalized":true,"special":false}]"""));
        json.set("normalizer", tree("""
                        {"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},
                        {"type":"Replace","pattern":{"String":" "},"content":"▁"}]}"""));
        json.putNull("pre_tokenizer");
        json.set("post_processor", tree("""
                        {"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>","type_id":0}},
                        {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<unk>","type_id":0}}],
                        "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}}],
                        "special_tokens":{"<s>":{"id":"<s>","ids":[9000],"tokens":["<s>"]},
                        "<unk>":{"id":"<unk>","ids":[0],"tokens":["<unk>"]}}}"""));
        json.set("decoder", tree("""
                        {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
                        {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}"""));
        json.set("model", model);
        // Numbers without a gap: the library gives added tokens the next free ones.
        int next = json.get("model").get("vocab").size();
        String text = json.toString();
        for (int i = 0; i < 4; i++) {
            text = text.replace(String.valueOf(9000 + i), String.valueOf(next + i));
        }
        return (ObjectNode) tree(text);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void sentencePieceBpe(int kind) throws IOException {
        ObjectNode json = sentencePiece(characterModel((kind & 1) == 1, (kind & 2) == 2));
        agree(json, true);
        for (String scheme : List.of("always", "first", "never")) {
            for (boolean split : new boolean[] {true, false}) {
                json.putNull("normalizer");
                String space = "{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":\"%s\",\"split\":%s}"
                        .formatted(scheme, split);
                json.set("pre_tokenizer", tree(space));
                json.set("decoder", tree(space));
                agree(json, true);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void unigram(boolean fallback) throws IOException {
        ObjectNode bpe = characterModel(true, fallback);
        ObjectNode model = JSON.createObjectNode().put("type", "Unigram").put("unk_id", 0);
        model.put("byte_fallback", fallback);
        ArrayNode vocabulary = model.putArray("vocab");
        bpe.get("vocab").properties().forEach(entry -> {
            double score = -4 - Math.floorMod(entry.getKey().hashCode() * 31, 1000) / 90.0;
            vocabulary.addArray().add(entry.getKey()).add(entry.getKey().equals("<unk>") ? 0 : score);
        });
        ObjectNode json = sentencePiece(model);
        String space = "{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":\"always\",\"split\":true}";
        json.set("pre_tokenizer", tree(space));
        json.set("decoder", tree(space));
        for (String normalizer : List.of(
                "null",
                "{\"type\":\"NFKC\"}",
                "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"%s\"}".formatted(CharsmapFile.base64()))) {
            json.set("normalizer", tree(normalizer));
            agree(json, true);
        }
    }

    /// Bytes, and a text behind each piece, so that every cut shows.
    private ObjectNode endings() throws IOException {
        ObjectNode json = byteLevel();
        ObjectNode model = (ObjectNode) json.get("model");
        model.put("end_of_word_suffix", "|").put("byte_fallback", true);
        ObjectNode vocabulary = model.putObject("vocab");
        IntStream.range(0, 256).forEach(b -> vocabulary.put("<0x%02X>".formatted(b), b));
        vocabulary.put("<|endoftext|>", 256);
        model.putArray("merges");
        json.putNull("pre_tokenizer");
        json.set("decoder", tree("{\"type\":\"Fuse\"}"));
        return json;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'Whitespace'}",
                "{'type':'WhitespaceSplit'}",
                "{'type':'BertPreTokenizer'}",
                "{'type':'Punctuation'}",
                "{'type':'Punctuation','behavior':'Removed'}",
                "{'type':'Punctuation','behavior':'Contiguous'}",
                "{'type':'Punctuation','behavior':'MergedWithNext'}",
                "{'type':'Punctuation','behavior':'MergedWithPrevious'}",
                "{'type':'Digits','individual_digits':true}",
                "{'type':'Digits','individual_digits':false}",
                "{'type':'CharDelimiterSplit','delimiter':'e'}",
                "{'type':'Split','pattern':{'String':'o'},'behavior':'Removed','invert':false}",
                "{'type':'Split','pattern':{'String':'o'},'behavior':'Removed','invert':true}",
                "{'type':'Split','pattern':{'Regex':'\\\\w+|\\\\d'},'behavior':'MergedWithNext','invert':true}",
                "{'type':'Split','pattern':{'Regex':'\\\\b'},'behavior':'Isolated','invert':false}",
                "{'type':'Split','pattern':{'Regex':'a{1,2}+|[[:punct:]]'},'behavior':'Isolated','invert':false}",
                "{'type':'Split','pattern':{'Regex':'\\\\p{Han}+|\\\\p{^L}\\\\h'},'behavior':'Isolated','invert':false}",
                "{'type':'Split','pattern':{'Regex':'.$|^\\\\S'},'behavior':'Isolated','invert':false}",
                "{'type':'Sequence','pretokenizers':[{'type':'WhitespaceSplit'},"
                        + "{'type':'Digits','individual_digits':true}]}"
            })
    void preTokenizers(String quoted) throws IOException {
        ObjectNode json = endings();
        json.set("pre_tokenizer", tree(quoted.replace('\'', '"')));
        agree(json, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'NFC'}",
                "{'type':'NFD'}",
                "{'type':'NFKC'}",
                "{'type':'NFKD'}",
                "{'type':'Lowercase'}",
                "{'type':'Nmt'}",
                "{'type':'Strip','strip_left':true,'strip_right':true}",
                "{'type':'Strip','strip_left':true,'strip_right':false}",
                "{'type':'Prepend','prepend':'xx'}",
                "{'type':'Replace','pattern':{'Regex':'\\\\s+'},'content':' $1 '}",
                "{'type':'Sequence','normalizers':[{'type':'NFD'},{'type':'StripAccents'},{'type':'Lowercase'}]}"
            })
    void normalizers(String quoted) throws IOException {
        ObjectNode json = endings();
        json.set("normalizer", tree(quoted.replace('\'', '"')));
        agree(json, true);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'WordPiece','prefix':'t','cleanup':true}",
                "{'type':'WordPiece','prefix':'e','cleanup':false}",
                "{'type':'BPEDecoder','suffix':'e'}",
                // Where nothing is left of a token, the library reads what is not there, and aborts.
                "{'type':'Strip','content':'e','start':2,'stop':0}",
                "{'type':'Strip','content':'e','start':0,'stop':1}",
                "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'Regex':'[aeiou]'},'content':'-'},"
                        + "{'type':'Fuse'},{'type':'Strip','content':'-','start':2,'stop':0}]}"
            })
    void decoders(String quoted) throws IOException {
        ObjectNode json = sentencePiece(characterModel(false, true));
        json.set("decoder", tree(quoted.replace('\'', '"')));
        agree(json, true);
    }

    @Test
    void theLibraryReallyRan() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        TokenizerJson.write(trained(), file);
        try (HuggingFaceTokenizer theirs = HuggingFaceTokenizer.newInstance(file)) {
            assertTrue(theirs.encode("the tokens", false, false).getIds().length < 5);
        }
    }
}
