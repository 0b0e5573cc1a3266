package org.lehr.engine.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/// A [RunConfig] as JSON.
public final class RunConfigJson {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .build();
    private static final TypeReference<LinkedHashMap<String, Object>> OBJECT = new TypeReference<>() {};

    private RunConfigJson() {}

    /// The configuration as nested maps, as a run folder takes it.
    public static SequencedMap<String, Object> toMap(RunConfig config) {
        return JSON.convertValue(config, OBJECT);
    }

    /// The configuration that a run folder holds.
    public static RunConfig fromMap(Map<String, Object> map) {
        return JSON.convertValue(map, RunConfig.class);
    }

    /// Reads a configuration file in the format of a run's `config.json`.
    ///
    /// @throws IOException naming the file and what is wrong in it
    public static RunConfig read(Path file) throws IOException {
        try {
            return JSON.readValue(Files.readAllBytes(file), RunConfig.class);
        } catch (NoSuchFileException absent) {
            throw new NoSuchFileException(file.toString(), null, "no such configuration file");
        } catch (JsonProcessingException broken) {
            throw new IOException("configuration " + file + ": " + broken.getOriginalMessage(), broken);
        }
    }
}
