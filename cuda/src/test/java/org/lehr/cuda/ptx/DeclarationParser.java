package org.lehr.cuda.ptx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads declarations of memory: `.shared .align 4 .b8 name[128]`, `.const .f32 x = 0f3F800000`.
final class DeclarationParser {

    private static final Pattern DECLARATION = Pattern.compile(
            "(?s)(?:\\.(?:visible|extern|weak|common)\\s+)*\\.(global|shared|local|const|param)\\s+(?:\\.align\\s+(\\d+)\\s+)?"
                    + "(?:\\.attribute\\(\\S+\\)\\s+)?\\.(\\w+)\\s+(?:\\.ptr[^\\[]*?\\s)?([\\w$%]+)((?:\\[\\d*\\])*)\\s*(?:=\\s*(.*))?");
    private static final Pattern EXTENT = Pattern.compile("\\[(\\d*)\\]");

    private DeclarationParser() {}

    static boolean matches(String text) {
        return DECLARATION.matcher(text).matches();
    }

    static Variable parse(String text, int line) {
        Matcher m = DECLARATION.matcher(text);
        if (!m.matches()) {
            throw new PtxSyntaxException(line, "unknown declaration: " + text);
        }
        Type type = Type.of(m.group(3)).orElseThrow(() -> new PtxSyntaxException(line, "unknown type: " + text));
        int count = 1;
        Matcher extents = EXTENT.matcher(m.group(5));
        while (extents.find()) {
            count *= extents.group(1).isEmpty() ? 0 : Integer.parseInt(extents.group(1));
        }
        int alignment = m.group(2) == null ? type.bytes() : Integer.parseInt(m.group(2));
        byte[] initial = m.group(6) == null ? null : initial(m.group(6), type, line);
        return new Variable(m.group(4), m.group(1), alignment, count * type.bytes(), initial);
    }

    /// Reads the declarations between the parentheses of a function's head.
    static List<Variable> parseList(String text, int line) {
        List<Variable> variables = new ArrayList<>();
        for (String part : OperandParser.split(text)) {
            variables.add(parse(part, line));
        }
        return variables;
    }

    private static byte[] initial(String text, Type type, int line) {
        String[] values = text.replaceAll("[{}]", " ").strip().split("\\s*,\\s*");
        ByteBuffer bytes = ByteBuffer.allocate(values.length * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (String value : values) {
            long bits = OperandParser.number(value, line);
            switch (type.bytes()) {
                case Byte.BYTES -> bytes.put((byte) bits);
                case Short.BYTES -> bytes.putShort((short) bits);
                case Integer.BYTES -> bytes.putInt((int) bits);
                default -> bytes.putLong(bits);
            }
        }
        return bytes.array();
    }
}
