package org.lehr.engine.data.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.engine.data.DataException;

/// Small files by hand; `bench` compares whole tokenizers with Hugging Face's library.
class TokenizerJsonTest {

    @TempDir
    private Path folder;

    private TextTokenizer read(String quoted) throws IOException {
        return TokenizerJson.read(Files.writeString(folder.resolve("tokenizer.json"), quoted.replace('\'', '"')));
    }

    private static String bpe(String rest) {
        return "{'model':{'type':'BPE','vocab':{'a':0,'b':1,'ab':2,'?':3,'c':4,'<0xC3>':5,'<0xA9>':6},"
                + "'merges':['a b']" + rest;
    }

    @Test
    void mergesAndUnknownCharacters() throws IOException {
        assertArrayEquals(new int[] {2, 0, 4}, read(bpe("}}")).encode("abazéc"));
        assertArrayEquals(
                new int[] {2, 3, 3, 4}, read(bpe(",'unk_token':'?'}}")).encode("abzyc"));
        assertArrayEquals(
                new int[] {2, 3, 4},
                read(bpe(",'unk_token':'?','fuse_unk':true}}")).encode("abzyc"));
        assertArrayEquals(
                new int[] {2, 5, 6, 3},
                read(bpe(",'unk_token':'?','byte_fallback':true}}")).encode("abéz"));
    }

    @Test
    void theUnigramModelTakesTheBestSum() throws IOException {
        TextTokenizer tokenizer = read("{'model':{'type':'Unigram','unk_id':0,'vocab':[['<unk>',0],['a',-1],['b',-1],"
                + "['ab',-3],['abc',-2.5],['c',-1],['bc',-1.6]]}}");
        assertArrayEquals(new int[] {1, 2, 1, 2}, tokenizer.encode("abab"));
        assertArrayEquals(new int[] {4}, tokenizer.encode("abc"));
        assertArrayEquals(new int[] {0, 6, 0}, tokenizer.encode("xyzbc😀"));
        assertEquals("unigram", tokenizer.name());
        TextTokenizer strict = read("{'model':{'type':'Unigram','vocab':[['a',-1]]}}");
        assertTrue(assertThrows(DataException.class, () -> strict.encode("ab"))
                .getMessage()
                .contains("'b' is no token"));
    }

    @Test
    void addedTokensComeFirst() throws IOException {
        TextTokenizer tokenizer = read(bpe("}") + ",'added_tokens':["
                + "{'id':7,'content':'<s>','special':true},{'id':8,'content':'<s>b','special':true},"
                + "{'id':9,'content':'w','single_word':true,'lstrip':true,'rstrip':true,'special':false}],"
                + "'post_processor':{'type':'BertProcessing','cls':['<s>',7],'sep':['<s>b',8]}}");
        assertArrayEquals(new int[] {2, 8, 7, 4, 9, 4}, tokenizer.encode("ab<s>b<s>c  w \tcw"));
        assertArrayEquals(new int[] {7, 4, 8}, tokenizer.encodeWithSpecials("c"));
        assertEquals(10, tokenizer.vocabularySize());
        assertEquals(7, tokenizer.separator());
        assertTrue(tokenizer.isSpecial(8));
        assertFalse(tokenizer.isSpecial(9));
        assertEquals("<s> c", tokenizer.decodeText(7, 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a{1,3}+ | aaaaa | 5",
                "a{2}+ | aaaaa | 4",
                "a{2,3}+ | aaaaaaa | 6",
                "(?:ab){1,2}+ | ababab | 6",
                "[ab]{2}+ | abab | 4",
                "a{,2} | aaa | 2",
                "a{x | a{x | 3",
                "a?+ab | ab | -1",
                "\\h+ | fFg | 2",
                "\\w+ | é½_\u0301- | 4",
                "[^\\w]+ | -+é | 2",
                "[[:punct:]]+ | -+=a | 3",
                "é\\b | é. | 1",
                "é\\b | é½ | -1",
                "[[:alpha:]]+ | aé1 | 2",
                "\\p{Han}+ | 中文a | 2",
                "\\p{^L}+ | 12a | 2",
                "\\P{^L}+ | ab1 | 2",
                "\\p{Letter}+ | ab1 | 2",
                "[\\u4e00-\\u9fa5]+ | 中文a | 2",
                "\\x{4e2d} | 中 | 1"
            })
    void expressionsMeanWhatOnigurumaMeans(String expression, String text, int length) {
        Part part = new Part("test", new com.fasterxml.jackson.databind.node.TextNode(expression));
        var matcher = Oniguruma.compile(part).matcher(text);
        assertEquals(length, matcher.lookingAt() ? matcher.end() : -1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'model':{'type':'WordPiece','vocab':{}}} | unknown model 'WordPiece', known are BPE, Unigram",
                "{'normalizer':{'type':'Odd'}} | normalizer: unknown normalizer 'Odd', known are NFC",
                "{'normalizer':{'type':'Sequence','normalizers':[{'type':'NFC'},{}]}} | normalizer.normalizers[1].type: expected a text, got nothing",
                "{'pre_tokenizer':{'type':'UnicodeScripts'}} | unknown pre-tokenizer 'UnicodeScripts'",
                "{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'(a'},'behavior':'Removed'}} | cannot read the expression '(a'",
                "{'pre_tokenizer':{'type':'Split','pattern':{'Regex':'a'},'behavior':'Odd'}} | behavior: expected Removed, Isolated",
                "{'normalizer':{'type':'Precompiled','precompiled_charsmap':'!'}} | expected base64",
                "{'normalizer':{'type':'Precompiled','precompiled_charsmap':'AAAAAAAAAAA='}} | expected a compiled character map",
                "{'model':{'type':'BPE','vocab':{'a':0},'merges':['a b']}} | model.merges[0]: 'a' and 'b' and what they make",
                "{'model':{'type':'BPE','vocab':{'a':0},'merges':['ab']}} | model.merges[0]: expected two tokens",
                "{'model':{'type':'BPE','vocab':{'a':-1},'merges':[]}} | model.vocab.a: expected a whole number",
                "{'model':{'type':'BPE','vocab':{'a':0},'merges':[],'unk_token':'u'}} | unk_token: expected a token",
                "{'model':{'type':'BPE','vocab':{'a':0},'merges':[],'dropout':0.1}} | dropout: expected none",
                "{'model':{'type':'Unigram','vocab':[['a',0]],'unk_id':1}} | unk_id: expected one of the 1 tokens",
                "{'model':{'type':'Unigram','vocab':[['a']]}} | vocab[0]: expected a token and its score",
                "{} | model.type: expected a text",
                "[] | expected an object",
                "{'model': | end-of-input",
            })
    void damageIsNamed(String quoted, String expected) {
        String message = assertThrows(DataException.class, () -> read(quoted)).getMessage();
        assertTrue(message.contains(expected), message);
        assertTrue(message.contains("tokenizer.json"), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void bothEndsAreChecked() throws IOException {
        TextTokenizer tokenizer = read(bpe("}}"));
        assertThrows(IndexOutOfBoundsException.class, () -> tokenizer.decode(7));
        assertThrows(IndexOutOfBoundsException.class, () -> tokenizer.decode(-1));
        assertThrows(DataException.class, tokenizer::separator);
        assertEquals(
                "no such tokenizer file: none.json",
                assertThrows(DataException.class, () -> TokenizerJson.read(Path.of("none.json")))
                        .getMessage());
    }
}
