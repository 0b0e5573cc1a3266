package org.lehr.engine.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.lehr.engine.data.Tokenizer;
import org.lehr.engine.nn.LanguageModel;
import org.lehr.engine.train.Checkpoint;
import org.lehr.engine.train.CheckpointException;
import org.lehr.engine.train.LanguageModels;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.RunConfigJson;
import org.lehr.engine.train.RunTokenizer;
import org.lehr.engine.train.run.CheckpointFolder;
import org.lehr.engine.train.run.RunFolder;

/// The model of a run, with the parameters of its newest checkpoint.
///
/// @param config how it was made
/// @param tokenizer what its tokens mean
/// @param model the model
/// @param checkpoint where its parameters come from
record TrainedModel(
        RunConfig config, Tokenizer tokenizer, LanguageModel model, CheckpointFolder.Checkpoint checkpoint) {

    /// Loads the model of the run in `folder`.
    static TrainedModel load(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new CheckpointException("no run at " + folder + ": expected a folder that lehr train made");
        }
        RunConfig config = RunConfigJson.read(folder.resolve(RunFolder.CONFIG));
        CheckpointFolder.Checkpoint checkpoint = CheckpointFolder.open(folder.resolve("checkpoints"))
                .latest()
                .orElseThrow(() -> new CheckpointException("run " + folder + " has no checkpoint yet"));
        Tokenizer tokenizer = RunTokenizer.load(config, folder);
        LanguageModel model = LanguageModels.make(config, tokenizer.vocabularySize());
        Checkpoint.restore(checkpoint.path(), model.module());
        return new TrainedModel(config, tokenizer, model, checkpoint);
    }
}
