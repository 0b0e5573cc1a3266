package org.lehr.engine.data.tokenizer;

import java.util.ArrayList;
import java.util.List;

/// The special tokens that are put around a text.
///
/// @param before tokens before the text
/// @param after tokens behind it
record PostProcessor(List<Integer> before, List<Integer> after) {

    private static final String KNOWN = "TemplateProcessing, ByteLevel, BertProcessing, RobertaProcessing, Sequence";
    private static final PostProcessor NONE = new PostProcessor(List.of(), List.of());

    static PostProcessor read(Part part) {
        if (part.isAbsent()) {
            return NONE;
        }
        return switch (part.type()) {
            // It only moves the places of tokens in the text.
            case "ByteLevel" -> NONE;
            case "TemplateProcessing" -> template(part);
            case "BertProcessing", "RobertaProcessing" ->
                new PostProcessor(List.of(pairId(part.at("cls"))), List.of(pairId(part.at("sep"))));
            case "Sequence" ->
                part.at("processors").list().stream().map(PostProcessor::read).reduce(NONE, PostProcessor::within);
            default -> throw part.unknown("post-processor", KNOWN);
        };
    }

    private static int pairId(Part part) {
        List<Part> pair = part.list();
        if (pair.size() != 2) {
            throw part.wrong("expected a token and its number");
        }
        return pair.get(1).number();
    }

    private static PostProcessor template(Part part) {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        boolean behind = false;
        for (Part piece : part.at("single").list()) {
            if (!piece.at("Sequence").isAbsent()) {
                behind = true;
                continue;
            }
            String name = piece.at("SpecialToken").at("id").text();
            for (Part id : part.at("special_tokens").at(name).at("ids").list()) {
                (behind ? after : before).add(id.number());
            }
        }
        return new PostProcessor(before, after);
    }

    /// This one, and `outer` around it.
    private PostProcessor within(PostProcessor outer) {
        List<Integer> first = new ArrayList<>(outer.before);
        first.addAll(before);
        List<Integer> last = new ArrayList<>(after);
        last.addAll(outer.after);
        return new PostProcessor(first, last);
    }
}
