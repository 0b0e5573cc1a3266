package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.engine.cli.Lehr.lehr;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lehr.engine.cli.Lehr.Result;

/// Runs of the command line with optimizers that ask for more than gradients, or that use other values than they train,
/// and with schedules that listen to the run.
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
        resumesTo(end);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plateau:every=1s,patience=0,threshold=0.5+constant",
                "plateau:on=validation,every=2s,patience=0,threshold=0.5,factor=0.5+cosine",
                "greedy:every=1s,patience=0,warmup=1",
                "plateau:every=1s,patience=0,threshold=0.5+auto-lrs:stage=4s,longest=4s,share=1,probes=3+constant"
            })
    void schedulesThatListenChangeTheRunAndResumeWithTheSameBits(String schedule) throws IOException {
        Result trained = train("run", "adamw", "--steps", "6", "--checkpoint-every", "3", "--schedule", schedule);
        assertEquals(0, trained.code(), trained.err());
        byte[] end = model("run");
        assertTrue(Files.readString(folder.resolve("run/config.json")).contains('"' + schedule + '"'));
        assertTrue(Files.readString(folder.resolve("run/report.html")).contains(schedule));
        String base = schedule.contains("+") ? schedule.substring(schedule.lastIndexOf('+') + 1) : "constant";
        assertEquals(
                0, train("plain", "adamw", "--steps", "6", "--schedule", base).code());
        assertFalse(Arrays.equals(end, model("plain")), "the same as with " + base);
        resumesTo(end);
    }

    private void resumesTo(byte[] end) throws IOException {
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

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    plato+cosine | before a plus sign stands what listens to the run, auto-lrs, greedy, plateau, rewound
                    plateau:factor=2+cosine | plateau: factor must not be above 1
                    plateau:patience=0.5 | schedule plateau: patience must be a whole number, got '0.5'
                    plateau:on=test | schedule plateau: on must be train or validation, got 'test'
                    plateau:cool=3+cosine | schedule plateau: unknown option 'cool'; it takes on, every, threshold, factor
                    auto-lrs+constant | auto-lrs: a try must have at least 4 steps
                    plateau+cosin | schedule: unknown name 'cosin'
                    """)
    void aScheduleThatCannotBeLeavesNoRun(String schedule, String why) throws IOException {
        Result refused = train("none", "adamw", "--steps", "6", "--schedule", schedule);
        assertEquals(1, refused.code());
        assertTrue(refused.err().contains(why), refused.err());
        assertFalse(Files.exists(folder.resolve("none")));
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
