package org.lehr.engine.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.schedule.ScheduleCatalogue;
import org.lehr.engine.schedule.ScheduleEntry;
import org.lehr.engine.schedule.ScheduleSpec;
import org.lehr.engine.schedule.Tabulated;
import org.lehr.engine.schedule.predict.AnnealingLaw;
import org.lehr.engine.train.RunConfig;
import org.lehr.engine.train.RunConfigJson;
import org.lehr.engine.train.run.RunFolder;

class SchedulesCommandTest {

    @TempDir
    private Path folder;

    private static String lehr(int code, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        assertEquals(code, Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments), err.toString());
        return code == 0 ? out.toString() : err.toString();
    }

    @Test
    void listsEverythingWithItsNamesElsewhere() {
        String list = lehr(0, "schedules");
        for (ScheduleEntry entry : ScheduleCatalogue.all()) {
            assertTrue(list.contains(entry.name()) && list.contains(entry.meaning()), entry.name());
            entry.theirs().forEach(theirs -> assertTrue(list.contains(theirs.toString()), theirs.toString()));
        }
    }

    @Test
    void drawsThoseThatAreNamed() {
        List<String> lines = lehr(0, "schedules", "wsd", "rex", "--steps", "100", "--warmup", "0", "--peak", "0.5")
                .lines()
                .toList();
        assertEquals(2, lines.size());
        assertTrue(lines.getFirst().startsWith("wsd █████"), lines.getFirst());
        assertTrue(lines.getFirst().contains("first 0.500, last 0.0127"), lines.getFirst());
    }

    @Test
    void printsValuesThatCanBeReadAgain() throws IOException {
        String csv = lehr(0, "schedules", "cosine", "--csv", "--steps", "50", "--peak", "0.3");
        Path file = Files.writeString(folder.resolve("rates.csv"), csv);
        var original = ScheduleSpec.parse("cosine").build(50, 0.3, 2);
        var read = ScheduleSpec.parse("table:file=" + file).build(50, 1, 0);
        for (long step = 0; step < 50; step++) {
            assertEquals(original.at(step), read.at(step));
        }
        String several = lehr(0, "schedules", "linear", "wsd:decay=0.1,floor=0.1", "--csv", "--steps", "3");
        assertEquals(
                "step,linear,\"wsd:decay=0.1,floor=0.1\"",
                several.lines().findFirst().orElseThrow());
        assertEquals(4, several.lines().count());
    }

    @Test
    void plotsAsSvgAndPng() throws Exception {
        Path svg = folder.resolve("two.svg");
        lehr(0, "schedules", "wsd", "rex", "--plot", svg.toString());
        var document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
        assertEquals("svg", document.getDocumentElement().getTagName());
        assertTrue(document.getElementsByTagName("path").getLength() >= 2);
        Path png = folder.resolve("all.png");
        lehr(0, "schedules", "--plot", png.toString());
        BufferedImage image = ImageIO.read(png.toFile());
        assertEquals(1000, image.getWidth());
    }

    @Test
    void trainsWithAnyOfThem() throws IOException {
        Path text = Files.writeString(folder.resolve("text.txt"), "int value = 1;\n".repeat(300));
        String[] run = {
            "train",
            "--data",
            text.toString(),
            "--layers",
            "1",
            "--width",
            "16",
            "--heads",
            "2",
            "--context",
            "16",
            "--batch",
            "2",
            "--validation-tokens",
            "64",
            "--steps",
            "4",
            "--log-every",
            "1",
            "--learning-rate",
            "0.01",
            "--out",
            folder.resolve("run").toString(),
            "--schedule"
        };
        lehr(0, with(run, "torch.OneCycleLR:rise=2s"));
        List<String> metrics = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
        var rates = ScheduleSpec.parse("OneCycleLR:rise=2s").build(4, 0.01, 0);
        for (int step = 0; step < 4; step++) {
            String rate = "\"learningRate\":" + rates.at(step);
            assertTrue(metrics.get(step).contains(rate), metrics.get(step) + " without " + rate);
        }
        assertTrue(lehr(1, with(run, "range-test")).contains("org.lehr.engine.schedule.control.RangeTest"));
    }

    private static String[] with(String[] words, String last) {
        String[] all = Arrays.copyOf(words, words.length + 1);
        all[words.length] = last;
        return all;
    }

    /// Two runs that follow a planted law; what is predicted of a third schedule is what the law says.
    @Test
    void predictsLossesFromRecordedRuns() throws IOException {
        AnnealingLaw law = new AnnealingLaw(1.5, 0.4, 2, 0.5, 0.99);
        Path constant = recorded("constant", law);
        Path cosine = recorded("cosine", law);
        String table = lehr(
                0,
                "schedules",
                "constant",
                "wsd",
                "linear",
                "--predict",
                constant.toString(),
                "--predict",
                cosine.toString());
        List<String> lines = table.lines().toList();
        assertEquals(5, lines.size(), table);
        double before = 0;
        for (String line : lines.subList(1, 4)) {
            String[] words = line.strip().split("\\s+");
            double predicted = Double.parseDouble(words[0]);
            Schedule schedule = ScheduleSpec.parse(words[2]).build(800, 0.01, 40);
            assertEquals(law.last(schedule, 800), predicted, 0.01, line);
            assertTrue(predicted >= before, table);
            before = predicted;
        }
        assertTrue(lines.get(4).startsWith("best decay: wsd:decay="), table);
        String all = lehr(0, "schedules", "--predict", constant.toString());
        ScheduleCatalogue.families()
                .forEach(family -> assertTrue(all.contains("  " + family.name() + "\n"), family.name()));
        assertTrue(lehr(1, "schedules", "wsd", "--predict", folder.toString()).contains("config.json"));
    }

    @Test
    void refinesTheScheduleOfARun() throws IOException {
        Path run = recorded("constant", new AnnealingLaw(1.5, 0.4, 2, 0.5, 0.99));
        Schedule refined = Tabulated.parse(
                lehr(0, "schedules", "--refine", run.toString()).lines().toList());
        for (long step = 0; step < 800; step++) {
            assertEquals(0.01 * (799 - step) / 799.0, refined.at(step), 1e-12);
        }
    }

    /// A run of 800 steps whose gradients all have the same norm.
    private Path recorded(String schedule, AnnealingLaw law) throws IOException {
        Path run = folder.resolve("run-" + schedule);
        RunConfig config = new RunConfig(
                1,
                "float32",
                new RunConfig.Data("jdk", 64, "byte"),
                new RunConfig.Model("transformer", 1, 16, 2, 2, 32, 16, 0, RunConfig.Experts.DEFAULT),
                new RunConfig.Optimization("adamw", schedule, 0.01, 40, 0.1, 1, 2, 800));
        RunFolder.create(run, RunConfigJson.toMap(config)).close();
        double[] losses = law.predict(ScheduleSpec.parse(schedule).build(800, 0.01, 40), 800);
        StringBuilder log = new StringBuilder();
        for (int step = 5; step <= 800; step += 5) {
            log.append("{\"step\":%d,\"loss\":%s,\"gradientNorm\":2.5}\n".formatted(step, losses[step - 3]));
        }
        Files.writeString(run.resolve("metrics.jsonl"), log);
        return run;
    }

    @Test
    void refusesWhatItCannotDraw() {
        assertTrue(lehr(1, "schedules", "wsdd").contains("unknown name 'wsdd'"));
        Path file = folder.resolve("x.gif");
        assertTrue(lehr(1, "schedules", "wsd", "--plot", file.toString()).contains(".svg or .png"));
        assertFalse(Files.exists(file));
        assertTrue(lehr(1, "schedules", "wsd", "--steps", "0").contains("must be at least 1"));
        assertTrue(lehr(
                        1,
                        "schedules",
                        "wsd",
                        "--plot",
                        folder.resolve("none/x.png").toString())
                .contains("does not exist"));
    }
}
