package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Reads the operands of one instruction.
final class OperandParser {

    private final int line;
    private final UnaryOperator<String> scope;

    /// @param scope gives a name as its scope has it
    OperandParser(int line, UnaryOperator<String> scope) {
        this.line = line;
        this.scope = scope;
    }

    List<Operand> parseAll(String text) {
        List<Operand> operands = new ArrayList<>();
        for (String part : split(text)) {
            operands.add(parse(part));
        }
        return operands;
    }

    private Operand parse(String text) {
        if (text.isEmpty()) {
            throw new PtxSyntaxException(line, "an operand is missing");
        }
        char first = text.charAt(0);
        if (first == '{' || first == '(') {
            return new Operand.Several(parseAll(text.substring(1, text.length() - 1)));
        }
        if (first == '[') {
            return address(text.substring(1, text.length() - 1).strip());
        }
        int bar = text.indexOf('|');
        if (bar > 0) {
            return new Operand.Both(
                    parse(text.substring(0, bar).strip()),
                    parse(text.substring(bar + 1).strip()));
        }
        if (first == '!') {
            return new Operand.Not(scope.apply(text.substring(1).strip()));
        }
        return isNumber(text) ? new Operand.Constant(number(text, line)) : new Operand.Name(scope.apply(text));
    }

    private Operand address(String text) {
        int plus = text.indexOf('+');
        if (plus < 0) {
            return new Operand.Address(parse(text), 0);
        }
        return new Operand.Address(
                parse(text.substring(0, plus).strip()),
                number(text.substring(plus + 1).strip(), line));
    }

    private static boolean isNumber(String text) {
        char c = text.charAt(0);
        return Character.isDigit(c) || c == '-' && text.length() > 1;
    }

    /// The bits of a number: whole, `0f3F800000`, `0d3FF0000000000000`, or decimal with a point.
    static long number(String text, int line) {
        try {
            String body = text.endsWith("U") ? text.substring(0, text.length() - 1) : text;
            if (body.startsWith("0f") || body.startsWith("0F")) {
                return Integer.toUnsignedLong(Integer.parseUnsignedInt(body.substring(2), 16));
            }
            if (body.startsWith("0d") || body.startsWith("0D")) {
                return Long.parseUnsignedLong(body.substring(2), 16);
            }
            if (body.startsWith("0x") || body.startsWith("0X")) {
                return Long.parseUnsignedLong(body.substring(2), 16);
            }
            if (body.contains(".")) {
                return Double.doubleToRawLongBits(Double.parseDouble(body));
            }
            return body.startsWith("-") ? Long.parseLong(body) : Long.parseUnsignedLong(body);
        } catch (NumberFormatException e) {
            throw new PtxSyntaxException(line, "'" + text + "' is no number");
        }
    }

    /// The parts between the commas that stand in no bracket.
    static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '{' || c == '(' || c == '[') {
                depth++;
            } else if (c == '}' || c == ')' || c == ']') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        if (!text.isBlank()) {
            parts.add(text.substring(start).strip());
        }
        return parts;
    }
}
