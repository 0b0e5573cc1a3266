package org.lehr.bench.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.Pointer;
import org.lehr.bench.Cost.Bound;
import org.lehr.bench.DecodingRow;
import org.lehr.bench.MemoryRow;
import org.lehr.bench.Operation;
import org.lehr.bench.StepRow;
import org.lehr.bench.step.TrainingStep;
import org.lehr.kernels.parallel.ArithmeticPeak;
import org.lehr.kernels.parallel.Workers;
import org.openjdk.jmh.runner.RunnerException;

/// The program of a measuring process. It reads a request from each line of its input, words apart by tabs, and
/// answers each with a line: `=` and numbers, or `!` and what went wrong.
///
/// | request | answer |
/// |---|---|
/// | `check row` | nothing; an error when the engines do not agree |
/// | `time row variant warm-up millis` | milliseconds of the median call |
/// | `step row variant millis` | loss of the first step taken, milliseconds per step; steps until the time is over |
/// | `peak bound bytes` | operations or bytes a second |
/// | `touch bytes` | nothing; memory of this size was written to and given back to malloc, which keeps it |
/// | `decode row other` | milliseconds per token of a turn of the row's model, or of the other one |
/// | `memory row variant` | the largest resident memory of this process after the row's steps, bytes |
public final class Worker {

    private static final Map<String, TrainingStep> MODELS = new HashMap<>();
    private static final Map<String, Continuation> CONTINUATIONS = new HashMap<>();

    private Worker() {}

    public static void main(String[] arguments) throws IOException {
        // Libraries may print; answers go where nothing else does.
        PrintStream answers = System.out;
        System.setOut(System.err);
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            answers.println(answer(line.split("\t")));
            answers.flush();
        }
        System.exit(0);
    }

    private static String answer(String... words) {
        try {
            return "="
                    + Arrays.stream(numbers(words)).mapToObj(Double::toString).collect(Collectors.joining(" "));
        } catch (RuntimeException | RunnerException | IOException | LinkageError e) {
            e.printStackTrace();
            return "!" + e.toString().replace('\n', ' ');
        }
    }

    private static double[] numbers(String... words) throws RunnerException, IOException {
        return switch (words[0]) {
            case "check" -> {
                OperationCheck.check((Operation) Catalog.row(words[1]));
                yield new double[0];
            }
            case "time" -> {
                Variant variant = Variant.valueOf(words[2]);
                PreparedCalls.get(words[1], variant).run();
                yield new double[] {JmhTimer.time(words[1], variant, TimingPlan.of(words[3], words[4]))};
            }
            case "step" -> steps(words[1], Variant.valueOf(words[2]), Double.parseDouble(words[3]));
            case "peak" ->
                new double[] {
                    Bound.valueOf(words[1]) == Bound.ARITHMETIC
                            ? ArithmeticPeak.measure()
                            : MemoryPeak.measure(Double.parseDouble(words[2]))
                };
            case "touch" -> {
                Pointer block = Pointer.malloc(Long.parseLong(words[1]));
                Pointer.memset(block, 1, Long.parseLong(words[1]));
                Pointer.free(block);
                yield new double[0];
            }
            case "memory" -> {
                MemoryRow row = (MemoryRow) Catalog.row(words[1]);
                Variant variant = Variant.valueOf(words[2]);
                variant.prepare(Workers.current().threads());
                try (TrainingStep model = (variant == Variant.LEHR ? row.ours() : row.theirs()).get()) {
                    for (int i = 0; i < row.steps(); i++) {
                        model.step();
                    }
                    yield new double[] {largestResident()};
                }
            }
            case "decode" ->
                new double[] {
                    CONTINUATIONS
                            .computeIfAbsent(
                                    words[1],
                                    missing -> Continuation.of(
                                            (DecodingRow) Catalog.row(missing), Boolean.parseBoolean(words[2])))
                            .turn()
                };
            default -> throw new IllegalArgumentException("the measuring process: no request is named " + words[0]);
        };
    }

    private static double[] steps(String name, Variant variant, double millis) {
        variant.prepare(Workers.current().threads());
        TrainingStep model = MODELS.computeIfAbsent(name, missing -> {
            StepRow row = (StepRow) Catalog.row(missing);
            return (variant == Variant.LEHR ? row.ours() : row.theirs()).get();
        });
        long began = System.nanoTime();
        double loss = model.step();
        int count = 1;
        while ((System.nanoTime() - began) * 1e-6 < millis) {
            model.step();
            count++;
        }
        return new double[] {loss, (System.nanoTime() - began) * 1e-6 / count};
    }

    private static double largestResident() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElse(Double.NaN);
    }
}
