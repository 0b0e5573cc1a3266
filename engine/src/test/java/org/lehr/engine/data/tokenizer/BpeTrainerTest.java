package org.lehr.engine.data.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.data.DataException;
import org.lehr.engine.data.Document;

class BpeTrainerTest {

    private static List<Document> documents(String... texts) {
        return Arrays.stream(texts)
                .map(text -> new Document("text", text.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    private static String babble(int words) {
        Random random = new Random(11);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < words; i++) {
            for (int length = 1 + random.nextInt(7); length > 0; length--) {
                text.append("aabbbcdé".charAt((int) (8 * random.nextDouble() * random.nextDouble())));
            }
            text.append(random.nextInt(9) == 0 ? "\n" : " ");
        }
        return text.toString();
    }

    /// The definition: count all pairs anew for each merge.
    private static List<String> slowly(String text, int merges) {
        List<List<String>> words = new ArrayList<>();
        PreTokenizers.GPT2.split(
                new Piece(text, true),
                piece -> words.add(new ArrayList<>(ByteAlphabet.spell(piece.text())
                        .chars()
                        .mapToObj(Character::toString)
                        .toList())));
        Map<String, Integer> ids = new HashMap<>();
        for (int b = 0; b < 256; b++) {
            ids.put(String.valueOf(ByteAlphabet.character(b)), b);
        }
        List<String> learnt = new ArrayList<>();
        while (learnt.size() < merges) {
            Map<List<String>, Integer> counts = new HashMap<>();
            for (List<String> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    counts.merge(List.of(word.get(i), word.get(i + 1)), 1, Integer::sum);
                }
            }
            List<String> best = null;
            for (List<String> pair : counts.keySet()) {
                int order = best == null ? 1 : counts.get(pair) - counts.get(best);
                order = order != 0 ? order : ids.get(best.get(0)) - ids.get(pair.get(0));
                order = order != 0 ? order : ids.get(best.get(1)) - ids.get(pair.get(1));
                best = order > 0 ? pair : best;
            }
            if (best == null || counts.get(best) < 2) {
                break;
            }
            learnt.add(best.get(0) + best.get(1));
            ids.put(learnt.getLast(), 256 + learnt.size());
            for (List<String> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.get(i).equals(best.get(0)) && word.get(i + 1).equals(best.get(1))) {
                        word.set(i, learnt.getLast());
                        word.remove(i + 1);
                    }
                }
            }
        }
        return learnt;
    }

    @Test
    void learnsWhatTheDefinitionLearns() {
        String text = babble(3000);
        TextTokenizer tokenizer = BpeTrainer.train(documents(text), 257 + 150);
        List<String> expected = slowly(text, 150);
        assertEquals(150, expected.stream().distinct().count());
        assertEquals(407, tokenizer.vocabularySize());
        for (int i = 0; i < 150; i++) {
            assertEquals(expected.get(i), tokenizer.spelling(257 + i), "merge " + i);
        }
    }

    @Test
    void repeatedLettersAreMergedFromTheLeft() {
        TextTokenizer tokenizer = BpeTrainer.train(documents("aaaaa aaaaa aaaaa"), 300);
        assertEquals("aa", tokenizer.spelling(257));
        // Of "aaa" and "aaaa", which come equally often, the one whose second token is smaller.
        assertEquals("aaa", tokenizer.spelling(258));
        assertEquals("aaaaa", tokenizer.spelling(259));
        assertEquals("Ġaaaaa", tokenizer.spelling(260));
        assertEquals(261, tokenizer.vocabularySize());
        assertArrayEquals(new int[] {259, 260}, tokenizer.encode("aaaaa aaaaa"));
        assertArrayEquals(new int[] {257, 257}, tokenizer.encode("aaaa"));
    }

    @Test
    void everyTextComesBack() {
        TextTokenizer tokenizer = BpeTrainer.train(documents(babble(2000), "the end\n"), 400);
        assertEquals(256, tokenizer.separator());
        assertEquals(400, tokenizer.vocabularySize());
        Random random = new Random(5);
        for (int i = 0; i < 500; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            List<Integer> tokens = new ArrayList<>();
            tokenizer.encode(bytes, tokens::add);
            assertArrayEquals(
                    bytes, tokenizer.decode(tokens.stream().mapToInt(t -> t).toArray()));
        }
        String text = "😀 é\u0301\r\n\t the  end ";
        assertEquals(text, tokenizer.decodeText(tokenizer.encode(text)));
        assertArrayEquals(new int[] {'x', 256, 'y'}, tokenizer.encode("x<|endoftext|>y"));
    }

    @Test
    void theFileGivesTheSameTokenizer(@TempDir Path folder) throws Exception {
        TextTokenizer tokenizer = BpeTrainer.train(documents(babble(300)), 350);
        TokenizerJson.write(tokenizer, folder.resolve("tokenizer.json"));
        TextTokenizer read = TokenizerJson.read(folder.resolve("tokenizer.json"));
        String text = babble(500) + " new words 😀 <|endoftext|>";
        assertArrayEquals(tokenizer.encode(text), read.encode(text));
        assertEquals(tokenizer.vocabularySize(), read.vocabularySize());
        assertEquals(tokenizer.separator(), read.separator());
    }

    @Test
    void charactersBecomeTokens(@TempDir Path folder) throws Exception {
        TextTokenizer tokenizer = CharacterVocabulary.train(documents("ééé中中a\n"), 3);
        assertEquals(260, tokenizer.vocabularySize());
        assertArrayEquals(new int[] {257, 258, 259, 'a', 0xC3, 0xA4}, tokenizer.encode("é中\naä"));
        byte[] broken = {'a', (byte) 0xFF, (byte) 0xC3};
        List<Integer> tokens = new ArrayList<>();
        tokenizer.encode(broken, tokens::add);
        assertArrayEquals(
                broken, tokenizer.decode(tokens.stream().mapToInt(t -> t).toArray()));
        TokenizerJson.write(tokenizer, folder.resolve("t.json"));
        assertEquals("中é!", TokenizerJson.read(folder.resolve("t.json")).decodeText(258, 257, '!'));
    }

    @Test
    void refusalsSayWhatIsWrong() {
        String small = assertThrows(IllegalArgumentException.class, () -> BpeTrainer.train(documents("a"), 256))
                .getMessage();
        assertTrue(small.contains("257") && small.contains("256"), small);
        assertThrows(DataException.class, () -> BpeTrainer.train(documents(""), 300));
        assertThrows(DataException.class, () -> CharacterVocabulary.train(List.of(), 300));
        assertThrows(IllegalArgumentException.class, () -> CharacterVocabulary.train(documents("a"), 0));
    }
}
