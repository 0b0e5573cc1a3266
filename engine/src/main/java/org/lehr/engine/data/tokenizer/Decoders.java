package org.lehr.engine.data.tokenizer;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// The decoders that files name. A byte that belongs to no character stays as [EscapedText] writes it, so that
/// decoding gives back bytes and not replacement characters.
final class Decoders {

    private static final String KNOWN =
            "ByteLevel, Metaspace, ByteFallback, Fuse, Strip, Replace, WordPiece, BPEDecoder, Sequence";
    private static final Pattern BYTE_TOKEN = Pattern.compile("<0x[0-9A-Fa-f]{2}>");

    private Decoders() {}

    static TokenDecoder read(Part part) {
        if (part.isAbsent()) {
            return tokens -> List.of(String.join(" ", tokens));
        }
        return switch (part.type()) {
            case "ByteLevel" -> Decoders::byteLevel;
            case "Metaspace" -> Metaspace.read(part);
            case "ByteFallback" -> Decoders::byteFallback;
            case "Fuse" -> tokens -> List.of(String.join("", tokens));
            case "Strip" -> {
                String content = Character.toString(part.at("content").character());
                int start = part.at("start").number();
                int stop = part.at("stop").number();
                yield each(token -> strip(token, content, start, stop));
            }
            case "Replace" -> each(Normalizers.replacing(part));
            case "WordPiece" -> {
                String prefix = part.at("prefix").text("##");
                boolean cleanup = part.at("cleanup").flag(true);
                yield tokens -> wordPiece(tokens, prefix, cleanup);
            }
            case "BPEDecoder" -> {
                String suffix = part.at("suffix").text("</w>");
                yield tokens -> endings(tokens, suffix);
            }
            case "Sequence" ->
                part.at("decoders").list().stream()
                        .map(Decoders::read)
                        .reduce((first, second) -> tokens -> second.apply(first.apply(tokens)))
                        .orElse(tokens -> tokens);
            default -> throw part.unknown("decoder", KNOWN);
        };
    }

    private static TokenDecoder each(UnaryOperator<String> change) {
        return tokens -> tokens.stream().map(change).toList();
    }

    private static List<String> byteLevel(List<String> tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) {
            byte[] spelled = ByteAlphabet.bytes(token);
            bytes.writeBytes(spelled != null ? spelled : EscapedText.encode(token));
        }
        return List.of(EscapedText.decode(bytes.toByteArray()));
    }

    private static List<String> byteFallback(List<String> tokens) {
        List<String> result = new ArrayList<>();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (String token : tokens) {
            if (BYTE_TOKEN.matcher(token).matches()) {
                bytes.write(Integer.parseInt(token, 3, 5, 16));
                continue;
            }
            flush(bytes, result);
            result.add(token);
        }
        flush(bytes, result);
        return result;
    }

    private static void flush(ByteArrayOutputStream bytes, List<String> result) {
        if (bytes.size() > 0) {
            result.add(EscapedText.decode(bytes.toByteArray()));
            bytes.reset();
        }
    }

    private static String strip(String token, String content, int start, int stop) {
        String left = token;
        for (int i = 0; i < start && left.startsWith(content); i++) {
            left = left.substring(content.length());
        }
        for (int i = 0; i < stop && left.endsWith(content); i++) {
            left = left.substring(0, left.length() - content.length());
        }
        return left;
    }

    private static List<String> wordPiece(List<String> tokens, String prefix, boolean cleanup) {
        List<String> result = new ArrayList<>(tokens.size());
        for (String token : tokens) {
            String word = token;
            if (!result.isEmpty()) {
                word = token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
            }
            result.add(cleanup ? tidy(word) : word);
        }
        return result;
    }

    /// Takes out the spaces that cutting English text has put in.
    private static String tidy(String word) {
        return word.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" do not", " don't")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }

    private static List<String> endings(List<String> tokens, String suffix) {
        List<String> result = new ArrayList<>(tokens.size());
        for (String token : tokens) {
            result.add(token.replace(suffix, result.size() == tokens.size() - 1 ? "" : " "));
        }
        return result;
    }
}
