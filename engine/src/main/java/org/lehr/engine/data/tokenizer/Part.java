package org.lehr.engine.data.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.lehr.engine.data.DataException;

/// A part of a tokenizer file, with its place in the file for messages.
///
/// @param place such as `tokenizer.json: pre_tokenizer.pretokenizers[1]`
record Part(String place, JsonNode node) {

    Part at(String name) {
        return new Part(place + (place.endsWith(":") ? " " : ".") + name, node.path(name));
    }

    /// Whether nothing stands here.
    boolean isAbsent() {
        return node.isMissingNode() || node.isNull();
    }

    /// What kind of part this is.
    String type() {
        return at("type").text();
    }

    String text() {
        if (!node.isTextual()) {
            throw wrong("expected a text");
        }
        return node.textValue();
    }

    String text(String usual) {
        return isAbsent() ? usual : text();
    }

    boolean flag(boolean usual) {
        if (!isAbsent() && !node.isBoolean()) {
            throw wrong("expected true or false");
        }
        return isAbsent() ? usual : node.booleanValue();
    }

    int number() {
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < 0) {
            throw wrong("expected a whole number of at least 0");
        }
        return node.intValue();
    }

    double real() {
        if (!node.isNumber()) {
            throw wrong("expected a number");
        }
        return node.doubleValue();
    }

    List<Part> list() {
        if (!node.isArray()) {
            throw wrong("expected a list");
        }
        List<Part> parts = new ArrayList<>(node.size());
        for (JsonNode element : node) {
            parts.add(new Part(place + "[" + parts.size() + "]", element));
        }
        return parts;
    }

    Iterable<Map.Entry<String, JsonNode>> fields() {
        if (!node.isObject()) {
            throw wrong("expected an object");
        }
        return node.properties();
    }

    /// The only character of a text.
    int character() {
        String text = text();
        if (text.codePointCount(0, text.length()) != 1) {
            throw wrong("expected a single character");
        }
        return text.codePointAt(0);
    }

    /// An error that names this place and what stands there.
    DataException wrong(String expected) {
        String found = node.isMissingNode() ? "nothing" : node.toString();
        return new DataException(
                place + ": " + expected + ", got " + (found.length() > 80 ? found.substring(0, 80) + "..." : found));
    }

    /// An error for a kind of part that is not known.
    DataException unknown(String kind, String known) {
        return new DataException(place + ": unknown " + kind + " '" + type() + "', known are " + known);
    }
}
