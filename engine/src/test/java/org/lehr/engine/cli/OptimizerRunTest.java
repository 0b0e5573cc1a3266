package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.cli.Lehr.lehr;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.cli.Lehr.Result;

/// Runs of the command line with optimizers that ask for more than gradients, or that use other values than they train.
class OptimizerRunTest {

    @TempDir
    private Path folder;

    private Result train(String out, String optimizer, String... more) throws IOException {
        Path text = folder.resolve("text.txt");
        Files.writeString(text, "int value = 4;\nlong other = 7;\n".repeat(150));
        List<String> words = new ArrayList<>(List.of("train", "--data", text.toString(), "--layers", "1"));
        words.addAll(List.of("--width", "16", "--heads", "2", "--context", "16", "--batch", "4", "--dropout", "0.1"));
        words.addAll(List.of("--validation-tokens", "256", "--learning-rate", "0.002"));
        words.addAll(
                List.of("--optimizer", optimizer, "--out", folder.resolve(out).toString(), "--json"));
        words.addAll(List.of(more));
        return lehr(words.toArray(String[]::new));
    }

    private byte[] model(String run) throws IOException {
        return Files.readAllBytes(folder.resolve(run + "/checkpoints/step-00000006/model.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lion:beta1=0.95",
                "schedulefree",
                "ema:decay=0.8+muon:state=bfloat16",
                "sam:rho=0.01+adamw",
                "nvrm+sgd",
                "sophia:every=2,gamma=1",
                "zerothorder:queries=2",
                "lbfgs:iterations=3",
                "lookahead:every=2+galore:rank=4,every=2+adam"
            })
    void runsResumeWithTheSameBitsAndEvaluateWhatTheyReport(String optimizer) throws IOException {
        Result trained = train("run", optimizer, "--steps", "6", "--checkpoint-every", "3");
        assertEquals(0, trained.code(), trained.err());
        byte[] end = model("run");
        double reported = number(trained.out(), "validationLoss");
        Result evaluated = lehr("evaluate", folder.resolve("run").toString(), "--tokens", "256", "--json");
        assertEquals(0, evaluated.code(), evaluated.err());
        assertEquals(reported, number(evaluated.out(), "loss"), 1e-6);

        Path last = folder.resolve("run/checkpoints/step-00000006");
        try (var files = Files.list(last)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(last);
        Result resumed = lehr("train", "--resume", folder.resolve("run").toString(), "--threads", "1");
        assertEquals(0, resumed.code(), resumed.err());
        assertArrayEquals(end, model("run"));
    }

    private static double number(String out, String name) throws IOException {
        return JsonMapper.builder()
                .build()
                .readTree(out.lines().toList().getLast())
                .get(name)
                .asDouble();
    }

    @Test
    void aNameThatThereIsNotListsThoseThereAre() throws IOException {
        Result refused = train("none", "tiger", "--steps", "1");
        assertEquals(1, refused.code());
        assertTrue(refused.err().contains("optimizer 'tiger': expected one of adabelief, "), refused.err());
        assertTrue(!Files.exists(folder.resolve("none")));
    }
}
