package org.lehr.engine.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.lehr.engine.io.AtomicFiles;
import org.lehr.engine.io.SafetensorsFile;
import org.lehr.engine.io.SafetensorsWriter;
import org.lehr.engine.nn.Module;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Scope;

/// Everything that a run needs to go on with the same bits, in one folder: `model.safetensors` with the
/// module's tensors under their public names, `optimizer.safetensors`, and `progress.json` with the step
/// and the places of random streams and data.
public final class Checkpoint {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();
    private static final String MODEL = "model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String PROGRESS = "progress.json";

    /// The part of a checkpoint that is not tensors.
    ///
    /// @param step steps taken
    /// @param streams places of the module's random streams, by path: key and counter
    /// @param data the objective's place
    /// @param schedule the state of what follows the run for its schedule
    /// @param bestLoss the lowest validation loss so far, infinite before the first validation
    /// @param bestStep the step that had it
    public record Progress(
            long step,
            Map<String, long[]> streams,
            Map<String, Long> data,
            Map<String, Double> schedule,
            double bestLoss,
            long bestStep) {}

    private Checkpoint() {}

    /// Writes a checkpoint, with the parameters as they are meant for use, into `folder`, which somebody else makes
    /// complete by renaming it.
    public static void write(Path folder, Trainer<?> trainer, double bestLoss, long bestStep) throws IOException {
        for (var file : files(trainer, bestLoss, bestStep).entrySet()) {
            AtomicFiles.write(folder.resolve(file.getKey()), file.getValue());
        }
    }

    /// The files of a checkpoint of now, by name. They are the same whoever writes them on whichever thread, up to
    /// the
    /// next change of parameters or optimizer state: these are read when they are written. What else makes a
    /// checkpoint (buffers of the module, places, values that stand in parameters only for use, memory of devices)
    /// is
    /// copied here.
    static SequencedMap<String, AtomicFiles.Body> files(Trainer<?> trainer, double bestLoss, long bestStep)
            throws IOException {
        SequencedMap<String, View> model = model(trainer);
        SequencedMap<String, View> optimizer = new LinkedHashMap<>();
        trainer.optimizer().state().forEach((path, tensor) -> optimizer.put(path, view(tensor)));
        Map<String, long[]> streams = new LinkedHashMap<>();
        trainer.module()
                .streams()
                .forEach((path, stream) -> streams.put(
                        path, new long[] {stream.state().key(), stream.state().counter()}));
        byte[] progress = JSON.writeValueAsBytes(new Progress(
                trainer.steps(),
                streams,
                trainer.objective().place(),
                trainer.listener().state(),
                bestLoss,
                bestStep));
        SequencedMap<String, AtomicFiles.Body> files = new LinkedHashMap<>();
        files.put(MODEL, channel -> SafetensorsWriter.write(channel, model, Map.of()));
        files.put(OPTIMIZER, channel -> SafetensorsWriter.write(channel, optimizer, Map.of()));
        files.put(PROGRESS, channel -> AtomicFiles.writeFully(channel, ByteBuffer.wrap(progress)));
        return files;
    }

    private static SequencedMap<String, View> model(Trainer<?> trainer) {
        Module module = trainer.module();
        Map<String, Long> versions = new HashMap<>();
        module.parameters()
                .forEach((path, parameter) ->
                        versions.put(path, parameter.own().storage().version()));
        return trainer.optimizer().evaluating(() -> {
            SequencedMap<String, View> views = new LinkedHashMap<>();
            module.state().forEach((path, tensor) -> {
                boolean stays = versions.containsKey(path)
                        && versions.get(path) == tensor.storage().version();
                views.put(path, view(stays ? tensor : copy(tensor)));
            });
            return views;
        });
    }

    private static Tensor copy(Tensor tensor) {
        Tensor copy = Tensor.empty("checkpoint", tensor.device(), tensor.dtype(), tensor.shape());
        copy.copyFrom(tensor);
        return copy;
    }

    /// Where the host finds the values, for longer than the caller's scope lasts.
    private static View view(Tensor tensor) {
        View view = tensor.to(Device.cpu()).view();
        Scope.detach(view.storage());
        return view;
    }

    /// Puts a trainer where it was when the checkpoint was written. Names and shapes of all parts are
    /// compared before anything is changed.
    ///
    /// @throws CheckpointException when the checkpoint is of another model
    public static Progress restore(Path folder, Trainer<?> trainer) throws IOException {
        Progress progress = progress(folder);
        Module module = trainer.module();
        requireFit(folder, progress, trainer);
        try (SafetensorsFile model = open(folder, MODEL);
                SafetensorsFile state = open(folder, OPTIMIZER)) {
            SequencedMap<String, Tensor> values = tensors(model);
            module.requireFit(values);
            SequencedMap<String, Double> before = trainer.listener().state();
            trainer.listener().restore(progress.schedule());
            try {
                trainer.optimizer().load(progress.step(), tensors(state));
            } catch (IllegalArgumentException mismatch) {
                trainer.listener().restore(before);
                throw mismatch;
            }
            module.load(values);
            trainer.optimizer().training();
        } catch (IllegalArgumentException mismatch) {
            throw misfit(folder, mismatch);
        }
        module.streams().forEach((path, stream) -> {
            long[] place = progress.streams().get(path);
            stream.restore(new RandomStream.State(place[0], place[1]));
        });
        trainer.objective().restore(progress.data());
        return progress;
    }

    private static void requireFit(Path folder, Progress progress, Trainer<?> trainer) throws CheckpointException {
        SequencedMap<String, RandomStream> streams = trainer.module().streams();
        if (!progress.streams().keySet().equals(streams.keySet())) {
            throw new CheckpointException("checkpoint " + folder + " does not fit this model: it holds the random"
                    + " streams " + progress.streams().keySet() + ", the model has " + streams.keySet());
        }
        for (var stream : streams.entrySet()) {
            long[] place = progress.streams().get(stream.getKey());
            if (place.length != 2 || place[0] != stream.getValue().key()) {
                throw new CheckpointException("checkpoint " + folder + ": the random stream " + stream.getKey()
                        + " comes from another seed than the model's");
            }
        }
        Set<String> place = trainer.objective().place().keySet();
        if (!progress.data().keySet().equals(place)) {
            throw new CheckpointException("checkpoint " + folder + " does not fit this objective: it holds the data"
                    + " place " + progress.data().keySet() + ", the objective has " + place);
        }
    }

    /// Puts the parameters and buffers of a checkpoint into `module`.
    public static void restore(Path folder, Module module) throws IOException {
        try (SafetensorsFile model = open(folder, MODEL)) {
            module.load(tensors(model));
        } catch (IllegalArgumentException mismatch) {
            throw misfit(folder, mismatch);
        }
    }

    /// How far a checkpoint is.
    public static Progress progress(Path folder) throws IOException {
        Path file = folder.resolve(PROGRESS);
        try {
            return JSON.readValue(Files.readAllBytes(file), Progress.class);
        } catch (NoSuchFileException absent) {
            throw new CheckpointException("no checkpoint in " + folder + ": " + PROGRESS + " is missing", absent);
        } catch (JsonProcessingException broken) {
            throw new CheckpointException(
                    "checkpoint " + folder + ": " + PROGRESS + " is damaged: " + broken.getOriginalMessage(), broken);
        }
    }

    private static SafetensorsFile open(Path folder, String name) throws IOException {
        try {
            return SafetensorsFile.open(folder.resolve(name));
        } catch (NoSuchFileException absent) {
            throw new CheckpointException("no checkpoint in " + folder + ": " + name + " is missing", absent);
        }
    }

    private static SequencedMap<String, Tensor> tensors(SafetensorsFile file) throws IOException {
        SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
        for (String name : file.names()) {
            tensors.put(name, new Tensor(file.view(name), Device.cpu()).to(Device.current()));
        }
        return tensors;
    }

    private static CheckpointException misfit(Path folder, IllegalArgumentException mismatch) {
        return new CheckpointException(
                "checkpoint " + folder + " does not fit this model: " + mismatch.getMessage(), mismatch);
    }
}
