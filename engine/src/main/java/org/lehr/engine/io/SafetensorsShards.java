package org.lehr.engine.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.lehr.kernels.View;

/// Tensors spread over several safetensors files, found through an index:
/// `{"metadata": {...}, "weight_map": {"name": "model-00001-of-00002.safetensors", ...}}`.
///
/// Every shard is opened, and its header checked, at once. Shards lie in the folder of the index.
public final class SafetensorsShards implements TensorSource {

    /// The longest index that is read.
    private static final long MAX_INDEX_BYTES = SafetensorsHeader.MAX_HEADER_BYTES;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Path index;
    private final SequencedMap<String, SafetensorsFile> fileOf;
    private final SequencedMap<String, SafetensorsFile> shards;
    private final Map<String, String> metadata;

    private SafetensorsShards(
            Path index,
            SequencedMap<String, SafetensorsFile> fileOf,
            SequencedMap<String, SafetensorsFile> shards,
            Map<String, String> metadata) {
        this.index = index;
        this.fileOf = fileOf;
        this.shards = shards;
        this.metadata = metadata;
    }

    /// Reads the index and opens its shards.
    ///
    /// @throws FormatException when the index is damaged, names a file outside its folder or one that is absent, or
    ///     promises a tensor that its shard does not hold
    public static SafetensorsShards open(Path index) throws IOException {
        JsonNode root = parse(index);
        Map<String, String> metadata = new LinkedHashMap<>();
        root.path("metadata").properties().forEach(e -> metadata.put(e.getKey(), text(e.getValue())));
        JsonNode weights = root.path("weight_map");
        if (!weights.isObject()) {
            throw new FormatException(index, "weight_map: " + kind(weights) + ": expected an object");
        }
        SequencedMap<String, SafetensorsFile> shards = new LinkedHashMap<>();
        SequencedMap<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
        SafetensorsShards opened = new SafetensorsShards(index, fileOf, shards, Collections.unmodifiableMap(metadata));
        boolean complete = false;
        try {
            for (Map.Entry<String, JsonNode> weight : weights.properties()) {
                fileOf.put(weight.getKey(), opened.shard(weight.getKey(), weight.getValue()));
            }
            complete = true;
            return opened;
        } finally {
            if (!complete) {
                opened.close();
            }
        }
    }

    private static JsonNode parse(Path index) throws IOException {
        long size = Files.size(index);
        if (size > MAX_INDEX_BYTES) {
            throw new FormatException(index, "index of " + size + " bytes: expected at most " + MAX_INDEX_BYTES);
        }
        try {
            JsonNode root = JSON.readTree(Files.readAllBytes(index));
            if (!root.isObject()) {
                throw new FormatException(index, kind(root) + ": expected a JSON object with weight_map");
            }
            return root;
        } catch (JsonProcessingException e) {
            throw new FormatException(index, "expected JSON without duplicates: " + e.getOriginalMessage(), e);
        }
    }

    private SafetensorsFile shard(String name, JsonNode value) throws IOException {
        String shard = value.asText();
        if (!value.isTextual() || !shard.matches("[^/\\\\\\x00]+\\.safetensors")) {
            throw new FormatException(
                    index,
                    "weight_map: tensor \"" + name + "\": file " + value
                            + ": expected the name of a .safetensors file in the folder of the index");
        }
        SafetensorsFile file = shards.get(shard);
        if (file == null) {
            Path path = index.resolveSibling(shard);
            if (!Files.isRegularFile(path)) {
                throw new FormatException(
                        index, "weight_map: tensor \"" + name + "\": file \"" + shard + "\": expected it to exist");
            }
            file = SafetensorsFile.open(path);
            shards.put(shard, file);
        }
        if (!file.names().contains(name)) {
            throw new FormatException(
                    index, "weight_map: tensor \"" + name + "\": expected \"" + shard + "\" to hold it");
        }
        return file;
    }

    @Override
    public SequencedSet<String> names() {
        return Collections.unmodifiableSequencedSet(fileOf.sequencedKeySet());
    }

    @Override
    public TensorInfo info(String name) {
        return holder(name).info(name);
    }

    @Override
    public View view(String name) throws IOException {
        return holder(name).view(name);
    }

    /// The index's own metadata, values that are no strings as their JSON text.
    @Override
    public Map<String, String> metadata() {
        return metadata;
    }

    @Override
    public void close() {
        shards.values().forEach(SafetensorsFile::close);
    }

    private SafetensorsFile holder(String name) {
        SafetensorsFile file = fileOf.get(name);
        if (file == null) {
            throw new IllegalArgumentException(
                    index + ": no tensor named \"" + name + "\" among " + fileOf.size() + " tensors");
        }
        return file;
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.asText() : value.toString();
    }

    private static String kind(JsonNode node) {
        return node.isMissingNode() ? "absent" : node.getNodeType().toString().toLowerCase(Locale.ROOT);
    }
}
