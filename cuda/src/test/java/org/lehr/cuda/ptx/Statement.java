package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One instruction as it is written.
///
/// @param line of the file, from 1
/// @param text as it is written, for messages
/// @param guard the predicate that switches it on, a [Operand.Name] or [Operand.Not], or null
/// @param words opcode and modifiers: `ld`, `global`, `f32`
record Statement(int line, String text, Operand guard, List<String> words, List<Operand> operands) {

    String opcode() {
        return words.getFirst();
    }

    boolean has(String modifier) {
        return words.lastIndexOf(modifier) > 0;
    }

    Operand operand(int index) {
        if (index >= operands.size()) {
            throw unknown("has too few operands");
        }
        return operands.get(index);
    }

    /// The types among the modifiers, in order.
    List<Type> types() {
        List<Type> types = new ArrayList<>();
        for (String word : words) {
            Type.of(word).ifPresent(types::add);
        }
        return types;
    }

    /// The last of the types.
    Type type() {
        List<Type> types = types();
        if (types.isEmpty()) {
            throw unknown("names no type");
        }
        return types.getLast();
    }

    Rounding rounding() {
        return words.stream()
                .map(Rounding::of)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(Rounding.NEAREST);
    }

    PtxSyntaxException unknown(String why) {
        return new PtxSyntaxException(line, text + ": " + why);
    }
}
