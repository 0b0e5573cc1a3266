package org.lehr.engine.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/// The JSON header of a safetensors file: `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}`,
/// with free text under `__metadata__`. The layout is that of the safetensors format (Hugging Face): eight bytes of
/// length, little endian, the header, then the data without holes.
///
/// @param entries the tensors in the order of their data
/// @param metadata the free text
record SafetensorsHeader(SequencedMap<String, Entry> entries, Map<String, String> metadata) {

    /// The longest header that is read, as in the reference implementation.
    static final long MAX_HEADER_BYTES = 100_000_000;

    static final String METADATA = "__metadata__";

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// One tensor: its data are the bytes `begin` (inclusive) to `end` (exclusive) after the header.
    record Entry(String name, ElementType type, long[] shape, long begin, long end) {

        TensorInfo info() {
            return new TensorInfo(name, type.name(), type.memory(), shape.clone(), end - begin);
        }
    }

    /// Reads and checks a header.
    ///
    /// @param file how messages name the file
    /// @param header the header's bytes, without the length in front of them
    /// @param dataBytes how many bytes follow it
    static SafetensorsHeader parse(Object file, byte[] header, long dataBytes) throws FormatException {
        return new Parser(file, dataBytes).parse(header);
    }

    private static final class Parser {
        private final Object file;
        private final long dataBytes;
        private final List<Entry> entries = new ArrayList<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();

        private Parser(Object file, long dataBytes) {
            this.file = file;
            this.dataBytes = dataBytes;
        }

        private SafetensorsHeader parse(byte[] header) throws FormatException {
            if (header.length == 0 || header[0] != '{') {
                String first = header.length == 0 ? "nothing" : String.format(Locale.ROOT, "byte 0x%02x", header[0]);
                throw refuse("header: begins with " + first + ": expected '{'");
            }
            var utf8 = StandardCharsets.UTF_8.newDecoder();
            try (JsonParser json = JSON.createParser(new InputStreamReader(new ByteArrayInputStream(header), utf8))) {
                json.nextToken();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    readMember(json, json.currentName());
                }
                if (json.nextToken() != null) {
                    throw refuse("header: " + json.currentToken() + " after the closing '}': expected spaces only");
                }
            } catch (CharacterCodingException e) {
                throw new FormatException(file, "header: not valid UTF-8: expected UTF-8 text", e);
            } catch (InputCoercionException e) {
                throw new FormatException(
                        file, "header: " + e.getOriginalMessage() + ": expected a 64-bit whole number", e);
            } catch (JsonProcessingException e) {
                throw new FormatException(
                        file, "header: expected JSON without duplicates: " + e.getOriginalMessage(), e);
            } catch (FormatException e) {
                throw e;
            } catch (IOException e) {
                throw new FormatException(file, "header: unreadable: " + e.getMessage(), e);
            }
            checkLayout();
            SequencedMap<String, Entry> byName = new LinkedHashMap<>();
            entries.forEach(entry -> byName.put(entry.name(), entry));
            return new SafetensorsHeader(
                    Collections.unmodifiableSequencedMap(byName), Collections.unmodifiableMap(metadata));
        }

        private void readMember(JsonParser json, String name) throws IOException {
            if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
                throw refuse("tensor name with an unpaired surrogate: expected valid Unicode");
            }
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw refuse(quoted(name) + ": value " + json.getText() + ": expected an object");
            }
            if (name.equals(METADATA)) {
                readMetadata(json);
            } else {
                entries.add(readEntry(json, name));
            }
        }

        private void readMetadata(JsonParser json) throws IOException {
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String key = json.currentName();
                if (json.nextToken() != JsonToken.VALUE_STRING) {
                    throw refuse(METADATA + ": " + quoted(key) + ": value " + json.getText() + ": expected a string");
                }
                metadata.put(key, json.getText());
            }
        }

        private Entry readEntry(JsonParser json, String name) throws IOException {
            String dtype = null;
            long[] shape = null;
            long[] offsets = null;
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String field = json.currentName();
                json.nextToken();
                switch (field) {
                    case "dtype" -> {
                        if (json.currentToken() != JsonToken.VALUE_STRING) {
                            throw refuse(tensor(name) + "dtype " + json.getText() + ": expected a string");
                        }
                        dtype = json.getText();
                    }
                    case "shape" -> shape = readWholeNumbers(json, tensor(name) + "shape");
                    case "data_offsets" -> offsets = readWholeNumbers(json, tensor(name) + "data_offsets");
                    default ->
                        throw refuse(tensor(name) + "field " + quoted(field)
                                + ": expected dtype, shape and data_offsets only");
                }
            }
            if (dtype == null || shape == null || offsets == null) {
                String missing = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
                throw refuse(tensor(name) + "no " + missing + ": expected dtype, shape and data_offsets");
            }
            if (offsets.length != 2) {
                throw refuse(tensor(name) + "data_offsets " + Arrays.toString(offsets) + ": expected two numbers");
            }
            return checked(new Entry(name, typeOf(name, dtype), shape, offsets[0], offsets[1]));
        }

        private long[] readWholeNumbers(JsonParser json, String place) throws IOException {
            if (json.currentToken() != JsonToken.START_ARRAY) {
                throw refuse(place + " " + json.getText() + ": expected an array of whole numbers");
            }
            List<Long> numbers = new ArrayList<>();
            while (json.nextToken() != JsonToken.END_ARRAY) {
                if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
                    throw refuse(place + " holds " + json.getText() + ": expected whole numbers");
                }
                long number = json.getLongValue();
                if (number < 0) {
                    throw refuse(place + " holds " + number + ": expected 0 or more");
                }
                numbers.add(number);
            }
            return numbers.stream().mapToLong(Long::longValue).toArray();
        }

        private ElementType typeOf(String name, String dtype) throws FormatException {
            for (ElementType type : ElementType.values()) {
                if (type.name().equals(dtype)) {
                    return type;
                }
            }
            throw refuse(tensor(name) + "dtype " + quoted(dtype) + ": expected one of "
                    + Arrays.toString(ElementType.values()));
        }

        private Entry checked(Entry entry) throws FormatException {
            String place = tensor(entry.name());
            long bytes = Extents.bytes(entry.shape(), entry.type().bytes());
            if (bytes < 0) {
                throw refuse(place + "shape " + Arrays.toString(entry.shape()) + ": expected a size below 2^63 bytes");
            }
            String offsets = place + "data_offsets [" + entry.begin() + ", " + entry.end() + "]: expected ";
            if (entry.begin() > entry.end()) {
                throw refuse(offsets + "the begin not to lie after the end");
            }
            if (entry.end() > dataBytes) {
                throw refuse(offsets + "an end within the " + dataBytes + " bytes of data");
            }
            if (entry.end() - entry.begin() != bytes) {
                throw refuse(offsets + bytes + " bytes for " + entry.type() + " " + Arrays.toString(entry.shape()));
            }
            return entry;
        }

        private void checkLayout() throws FormatException {
            entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            long expected = 0;
            for (Entry entry : entries) {
                if (entry.begin() != expected) {
                    String fault = entry.begin() < expected ? "overlaps the tensor before it" : "leaves a hole";
                    throw refuse(tensor(entry.name()) + "data_offsets [" + entry.begin() + ", " + entry.end() + "] "
                            + fault + ": expected to begin at " + expected);
                }
                expected = entry.end();
            }
            if (expected != dataBytes) {
                throw refuse("data: the tensors end at byte " + expected + " of " + dataBytes
                        + ": expected them to fill the file");
            }
        }

        private FormatException refuse(String detail) {
            return new FormatException(file, detail);
        }
    }

    private static String tensor(String name) {
        return "tensor " + quoted(name) + ": ";
    }

    private static String quoted(String name) {
        return '"' + (name.length() > 200 ? name.substring(0, 200) + "..." : name) + '"';
    }
}
