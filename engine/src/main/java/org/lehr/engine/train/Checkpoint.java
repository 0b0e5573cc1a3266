package org.lehr.engine.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.SafetensorsFile;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.nn.Module;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;

/// Everything that a run needs to go on with the same bits, in one safetensors file: the module's tensors under their
/// own names, the optimizer's under `optimizer/`, and in the metadata the step, the places of random streams and data.
public final class Checkpoint {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OPTIMIZER = "optimizer/";
    private static final String PROGRESS = "lehr.progress";
    private static final String CONFIG = "lehr.config";

    /// The part of a checkpoint that is not tensors.
    ///
    /// @param step steps taken
    /// @param streams places of the module's random streams, by path: key and counter
    /// @param data the objective's place
    public record Progress(long step, Map<String, long[]> streams, Map<String, Long> data) {}

    private Checkpoint() {}

    /// Writes a checkpoint aside and renames it to `file`.
    ///
    /// @param config the run's configuration as JSON, so that the file can be used by itself
    public static void write(Path file, Trainer<?> trainer, String config) throws IOException {
        SequencedMap<String, View> tensors = new LinkedHashMap<>();
        trainer.module().state().forEach((path, tensor) -> tensors.put(path, tensor.view()));
        trainer.optimizer().state().forEach((path, tensor) -> tensors.put(OPTIMIZER + path, tensor.view()));
        Map<String, long[]> streams = new LinkedHashMap<>();
        trainer.module()
                .streams()
                .forEach((path, stream) ->
                        streams.put(path, new long[] {stream.state().key(), stream.state().counter()}));
        Progress progress =
                new Progress(trainer.steps(), streams, trainer.objective().place());
        SequencedMap<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "lehr-checkpoint-1");
        metadata.put(PROGRESS, JSON.writeValueAsString(progress));
        metadata.put(CONFIG, config);
        SafetensorsWriter.write(file, tensors, metadata);
    }

    /// Puts a trainer where it was when the checkpoint was written; nothing is changed when that cannot be done.
    public static void restore(Path file, Trainer<?> trainer) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            Progress progress = progress(file, source);
            SequencedMap<String, Tensor> model = new LinkedHashMap<>();
            SequencedMap<String, Tensor> state = new LinkedHashMap<>();
            read(source, model, state);
            requireStreams(file, progress, trainer.module());
            Optimizer optimizer = trainer.optimizer();
            // The optimizer checks its names against the same parameters first, so that a mismatch changes nothing.
            optimizer.load(progress.step(), state);
            trainer.module().load(model);
            trainer.module()
                    .streams()
                    .forEach((path, stream) -> {
                        long[] place = progress.streams().get(path);
                        stream.restore(new RandomStream.State(place[0], place[1]));
                    });
            trainer.objective().restore(progress.data());
        } catch (IllegalArgumentException mismatch) {
            throw new CheckpointException(
                    "checkpoint " + file + " does not fit this model: " + mismatch.getMessage(), mismatch);
        }
    }

    /// Puts the parameters and buffers of a checkpoint into `module`.
    public static void restore(Path file, Module module) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            SequencedMap<String, Tensor> model = new LinkedHashMap<>();
            read(source, model, new LinkedHashMap<>());
            module.load(model);
        } catch (IllegalArgumentException mismatch) {
            throw new CheckpointException(
                    "checkpoint " + file + " does not fit this model: " + mismatch.getMessage(), mismatch);
        }
    }

    /// The configuration that a checkpoint carries.
    public static String config(Path file) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            progress(file, source);
            return source.metadata().get(CONFIG);
        }
    }

    /// How far a checkpoint is.
    public static Progress progress(Path file) throws IOException {
        try (SafetensorsFile source = SafetensorsFile.open(file)) {
            return progress(file, source);
        }
    }

    private static Progress progress(Path file, SafetensorsFile source) throws CheckpointException {
        String progress = source.metadata().get(PROGRESS);
        if (progress == null || !source.metadata().containsKey(CONFIG)) {
            throw new CheckpointException("checkpoint " + file + ": a safetensors file, but not a checkpoint of a run");
        }
        try {
            return JSON.readValue(progress, Progress.class);
        } catch (JsonProcessingException broken) {
            throw new CheckpointException(
                    "checkpoint " + file + ": its progress record cannot be read: " + broken.getOriginalMessage(), broken);
        }
    }

    private static void read(SafetensorsFile source, Map<String, Tensor> model, Map<String, Tensor> state)
            throws IOException {
        for (String name : source.names()) {
            Tensor tensor = new Tensor(source.view(name), Device.cpu());
            if (name.startsWith(OPTIMIZER)) {
                state.put(name.substring(OPTIMIZER.length()), tensor);
            } else {
                model.put(name, tensor);
            }
        }
    }

    private static void requireStreams(Path file, Progress progress, Module module) throws CheckpointException {
        if (!progress.streams().keySet().equals(module.streams().keySet())) {
            throw new CheckpointException("checkpoint " + file + " does not fit this model: it holds the random streams "
                    + progress.streams().keySet() + ", the model has "
                    + module.streams().keySet());
        }
    }
}
