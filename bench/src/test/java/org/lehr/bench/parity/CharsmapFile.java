package org.lehr.bench.parity;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A small compiled character map, as SentencePiece stores it: an index of keys as a double array, and their values.
final class CharsmapFile {

    private static final Map<String, String> TABLE = new TreeMap<>(Map.of(
            "ﬁ",
            "fi",
            "½",
            "1/2",
            "\u00A0",
            " ",
            "e\u0301",
            "é",
            "\u0001",
            "",
            "Ⅷ",
            "VIII",
            "\u3000",
            " ",
            "x",
            "ks",
            "xy",
            "never, as x is shorter",
            "ä",
            "ae"));

    private final int[] units = new int[1 << 16];
    private final boolean[] taken = new boolean[1 << 16];
    private int length = 256;

    private CharsmapFile() {}

    private static final class Node {
        private final Map<Integer, Node> children = new TreeMap<>();
        private int value = -1;
    }

    static String base64() {
        Node root = new Node();
        ByteBuffer values = ByteBuffer.allocate(4096);
        TABLE.forEach((key, value) -> {
            Node node = root;
            for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
                node = node.children.computeIfAbsent(Byte.toUnsignedInt(b), label -> new Node());
            }
            node.value = values.position();
            values.put(value.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        });
        CharsmapFile file = new CharsmapFile();
        file.taken[0] = true;
        file.place(root, 0);
        int units = (file.length + 255) / 256 * 256;
        ByteBuffer out = ByteBuffer.allocate(4 + 4 * units + values.position()).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(4 * units);
        for (int i = 0; i < units; i++) {
            out.putInt(file.units[i]);
        }
        out.put(values.array(), 0, values.position());
        return Base64.getEncoder().encodeToString(out.array());
    }

    /// Finds a base from which all children have free units, and places them.
    private void place(Node node, int at) {
        List<Integer> labels = new ArrayList<>(node.children.keySet());
        if (node.value >= 0) {
            labels.addFirst(0);
        }
        if (labels.isEmpty()) {
            return;
        }
        int offset = 1;
        while (!fits(at ^ offset, labels)) {
            offset++;
        }
        int base = at ^ offset;
        Map<Integer, Integer> places = new HashMap<>();
        for (int label : labels) {
            taken[base ^ label] = true;
            places.put(label, base ^ label);
            length = Math.max(length, (base ^ label) + 1);
        }
        units[at] |= offset << 10 | (node.value >= 0 ? 1 << 8 : 0);
        if (node.value >= 0) {
            units[base] = node.value | 1 << 31;
        }
        node.children.forEach((label, child) -> {
            units[places.get(label)] = label;
            place(child, places.get(label));
        });
    }

    private boolean fits(int base, List<Integer> labels) {
        return labels.stream().noneMatch(label -> taken[base ^ label]);
    }
}
