package org.lehr.engine.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.FormatException;

/// How the files of a run spell JSON. Numbers that JSON cannot say, NaN and the infinities, become `null`, which every
/// reader understands (pandas reads it as NaN).
public final class RunJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final ObjectWriter PRETTY = MAPPER.writerWithDefaultPrettyPrinter();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private RunJson() {}

    /// One line, without its end.
    public static String line(Map<String, ?> object) {
        try {
            return MAPPER.writeValueAsString(finite(object));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Several lines, for people.
    static String pretty(Map<String, ?> object) {
        try {
            return PRETTY.writeValueAsString(finite(object)) + "\n";
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The members of an object in their order.
    ///
    /// @throws JsonProcessingException when `text` is not one JSON object
    static SequencedMap<String, Object> parse(String text) throws JsonProcessingException {
        SequencedMap<String, Object> members = MAPPER.readValue(text, OBJECT);
        return members == null ? new LinkedHashMap<>() : members;
    }

    /// The object in `file`.
    static SequencedMap<String, Object> read(Path file) throws IOException {
        try {
            return parse(Files.readString(file));
        } catch (JsonProcessingException e) {
            throw new FormatException(file, "expected a JSON object: " + e.getOriginalMessage(), e);
        }
    }

    /// The same without numbers that JSON cannot say; paths and enums as their text.
    private static Object finite(Object value) {
        return switch (value) {
            case Double number -> Double.isFinite(number) ? number : null;
            case Float number -> Float.isFinite(number) ? number : null;
            case Map<?, ?> map -> {
                Map<String, Object> members = new LinkedHashMap<>();
                map.forEach((key, member) -> members.put(String.valueOf(key), finite(member)));
                yield members;
            }
            case Collection<?> items -> {
                List<Object> elements = new ArrayList<>();
                items.forEach(element -> elements.add(finite(element)));
                yield elements;
            }
            case null -> null;
            case Number number -> number;
            case Boolean flag -> flag;
            default -> value.toString();
        };
    }
}
