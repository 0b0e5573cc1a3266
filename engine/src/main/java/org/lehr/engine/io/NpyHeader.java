package org.lehr.engine.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.lehr.kernels.DType;

/// What stands in front of the elements of an npy array: magic, version, and a Python dictionary
/// `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }` padded to 64 bytes (NumPy's format versions 1.0 to
/// 3.0, NEP 1).
///
/// @param descr the element type as NumPy spells it
/// @param type the element type
/// @param order the byte order of the elements
/// @param fortran whether the first dimension runs fastest
/// @param shape extents, empty for a scalar
record NpyHeader(String descr, ElementType type, ByteOrder order, boolean fortran, long[] shape) {

    /// The longest header that is read; NumPy itself asks for a confirmation above 10,000.
    private static final int MAX_BYTES = 1 << 20;

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int ALIGNMENT = 64;

    private static final Pattern MEMBER = Pattern.compile("\\s*'(?<key>\\w*)'\\s*:\\s*"
            + "(?:'(?<text>[^']*)'|(?<flag>True|False)|\\((?<numbers>[\\d\\s,L]*)\\)|(?<other>\\[.*]|[^,}]*))"
            + "\\s*,?\\s*");

    /// Bytes of the elements in the file.
    long dataBytes() {
        return Extents.bytes(shape, type.bytes());
    }

    /// Reads and checks the header, leaving `in` at the first element.
    static NpyHeader read(Object file, InputStream in) throws IOException {
        byte[] front = in.readNBytes(8);
        if (front.length < 8 || !Arrays.equals(front, 0, 6, MAGIC, 0, 6)) {
            throw new FormatException(file, "no npy magic: expected the file to begin with \\x93NUMPY");
        }
        int major = front[6];
        if (major < 1 || major > 3 || front[7] != 0) {
            throw new FormatException(
                    file, "npy version " + (major & 0xFF) + "." + (front[7] & 0xFF) + ": expected 1.0, 2.0 or 3.0");
        }
        int lengthBytes = major == 1 ? 2 : 4;
        byte[] length = Arrays.copyOf(in.readNBytes(lengthBytes), 4);
        long headerBytes = Integer.toUnsignedLong(
                ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getInt());
        if (headerBytes > MAX_BYTES) {
            throw new FormatException(file, "npy header of " + headerBytes + " bytes: expected at most " + MAX_BYTES);
        }
        byte[] header = in.readNBytes((int) headerBytes);
        if (header.length < headerBytes) {
            throw new FormatException(
                    file, "npy header ends after " + header.length + " bytes: expected " + headerBytes);
        }
        return parse(file, decode(file, header, major));
    }

    private static String decode(Object file, byte[] header, int major) throws FormatException {
        var charset = major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
        try {
            CharBuffer text = charset.newDecoder().decode(ByteBuffer.wrap(header));
            return text.toString().strip();
        } catch (CharacterCodingException e) {
            throw new FormatException(file, "npy header: not valid UTF-8: expected UTF-8 text", e);
        }
    }

    private static NpyHeader parse(Object file, String dictionary) throws FormatException {
        if (!dictionary.startsWith("{") || !dictionary.endsWith("}")) {
            throw new FormatException(
                    file, "npy header " + shortened(dictionary) + ": expected a dictionary in braces");
        }
        String body = dictionary.substring(1, dictionary.length() - 1);
        String descr = null;
        Boolean fortran = null;
        long[] shape = null;
        Matcher member = MEMBER.matcher(body);
        int at = 0;
        while (at < body.length() && member.region(at, body.length()).lookingAt()) {
            String value = shortened(member.group().strip());
            switch (member.group("key")) {
                case "descr" -> {
                    descr = expect(file, member.group("text"), value, "one type such as '<f4'; records are not read");
                }
                case "fortran_order" ->
                    fortran = expect(file, member.group("flag"), value, "True or False")
                            .equals("True");
                case "shape" ->
                    shape = shape(file, expect(file, member.group("numbers"), value, "a tuple such as (2, 3)"));
                default ->
                    throw new FormatException(file, "npy header: " + value + ": expected descr, fortran_order, shape");
            }
            at = member.end();
        }
        if (at < body.length() || descr == null || fortran == null || shape == null) {
            throw new FormatException(
                    file, "npy header " + shortened(dictionary) + ": expected descr, fortran_order and shape");
        }
        ElementType type = type(file, descr);
        if (Extents.bytes(shape, type.bytes()) < 0) {
            throw new FormatException(
                    file, "npy header: shape " + Arrays.toString(shape) + ": expected a size below 2^63 bytes");
        }
        ByteOrder order = descr.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return new NpyHeader(descr, type, order, fortran, shape);
    }

    private static String expect(Object file, String found, String member, String expectation) throws FormatException {
        if (found == null) {
            throw new FormatException(file, "npy header: " + member + ": expected " + expectation);
        }
        return found;
    }

    private static long[] shape(Object file, String numbers) throws FormatException {
        List<Long> extents = new ArrayList<>();
        for (String number : numbers.split(",")) {
            String digits = number.strip();
            if (digits.isEmpty()) {
                continue;
            }
            try {
                extents.add(Long.parseLong(digits.endsWith("L") ? digits.substring(0, digits.length() - 1) : digits));
            } catch (NumberFormatException e) {
                throw new FormatException(
                        file, "npy header: shape (" + shortened(numbers) + "): expected 64-bit whole numbers", e);
            }
        }
        return extents.stream().mapToLong(Long::longValue).toArray();
    }

    private static ElementType type(Object file, String descr) throws FormatException {
        if (descr.matches("[<>=|]?O\\d*")) {
            throw new FormatException(
                    file,
                    "npy dtype '" + descr + "': expected numbers; Python objects are pickles, which are never loaded");
        }
        ElementType type = descr.matches("[<>|=]?[a-z]\\d+")
                ? byCode(descr.substring(Character.isLetter(descr.charAt(0)) ? 0 : 1))
                : null;
        if (type == null || (type.bytes() > 1 && !descr.matches("[<>].*"))) {
            throw new FormatException(
                    file, "npy dtype '" + descr + "': expected < or > with one of f2 f4 f8 i1 i2 i4 i8 u1 u2 u4 b1");
        }
        return type;
    }

    private static ElementType byCode(String code) {
        return switch (code) {
            case "f8" -> ElementType.F64;
            case "f4" -> ElementType.F32;
            case "f2" -> ElementType.F16;
            case "i8" -> ElementType.I64;
            case "i4" -> ElementType.I32;
            case "i2" -> ElementType.I16;
            case "i1" -> ElementType.I8;
            case "u4" -> ElementType.U32;
            case "u2" -> ElementType.U16;
            case "u1" -> ElementType.U8;
            case "b1" -> ElementType.BOOL;
            default -> null;
        };
    }

    /// The header of a row-major little-endian array, as NumPy itself writes it: version 1.0 (2.0 where it is
    /// longer than that can say), padded so that the elements begin at a multiple of 64 bytes.
    static byte[] write(DType dtype, long[] shape) {
        StringBuilder extents = new StringBuilder();
        for (long extent : shape) {
            extents.append(extent).append(shape.length == 1 ? "," : ", ");
        }
        if (shape.length > 1) {
            extents.setLength(extents.length() - 2);
        }
        String dictionary = "{'descr': '" + code(dtype) + "', 'fortran_order': False, 'shape': (" + extents + "), }";
        int version = dictionary.length() + 1 + 10 + ALIGNMENT > 0xFFFF ? 2 : 1;
        int front = version == 1 ? 10 : 12;
        int total = Math.ceilDiv(front + dictionary.length() + 1, ALIGNMENT) * ALIGNMENT;
        ByteBuffer bytes = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).put((byte) version).put((byte) 0);
        if (version == 1) {
            bytes.putShort((short) (total - front));
        } else {
            bytes.putInt(total - front);
        }
        bytes.put(dictionary.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.remaining() > 1) {
            bytes.put((byte) ' ');
        }
        return bytes.put((byte) '\n').array();
    }

    private static String code(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> "<f8";
            case FLOAT32, BFLOAT16 -> "<f4";
            case INT64 -> "<i8";
            case INT32 -> "<i4";
            case UINT8 -> "|u1";
            case BOOL -> "|b1";
        };
    }

    private static String shortened(String text) {
        return text.length() > 120 ? text.substring(0, 120) + "..." : text;
    }
}
