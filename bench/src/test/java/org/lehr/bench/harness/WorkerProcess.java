package org.lehr.bench.harness;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.lehr.bench.Cost.Bound;

/// A process that measures, seen from the one that asks.
final class WorkerProcess implements AutoCloseable {

    /// The machine's threads or fewer, and OpenBLAS's core type for a tuned peer.
    record Place(Surroundings surroundings, int threads, String coreType, File log) {}

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    WorkerProcess(Place place) {
        this(place, System.getProperty("java.class.path"), Worker.class.getName());
    }

    WorkerProcess(Place place, String classPath, String program) {
        ProcessBuilder builder = new ProcessBuilder(java(place, classPath, program));
        boolean all = place.threads() == Runtime.getRuntime().availableProcessors();
        Map<String, String> environment = builder.environment();
        place.surroundings().set(environment, place.threads(), all, place.coreType());
        builder.redirectError(ProcessBuilder.Redirect.appendTo(place.log()));
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("a measuring process does not start", e);
        }
        requests = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private static List<String> java(Place place, String classPath, String program) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(place.surroundings().flags());
        command.add("-Djmh.ignoreLock=true");
        command.addAll(LastingThread.flags());
        command.add("-Dlehr.threads=" + place.threads());
        command.addAll(List.of("-cp", classPath, program));
        return command;
    }

    void check(String row) {
        ask("check", row);
    }

    /// Milliseconds of the median call.
    double time(String row, Variant variant, TimingPlan plan) {
        return ask("time", row, variant.name(), plan.words())[0];
    }

    /// Loss of the first step taken, and milliseconds per step.
    double[] step(String row, Variant variant, double millis) {
        return ask("step", row, variant.name(), Double.toString(millis));
    }

    /// Milliseconds per token of a turn of a row's model, or of the `other` one.
    double decode(String row, boolean other) {
        return ask("decode", row, Boolean.toString(other))[0];
    }

    double peak(Bound bound, double bytes) {
        return ask("peak", bound.name(), Double.toString(bytes))[0];
    }

    /// Has malloc own this much memory from now on, so that no later call meets pages for the first time.
    void touch(long bytes) {
        ask("touch", Long.toString(bytes));
    }

    double largestResidentBytes(String row, Variant variant) {
        return ask("memory", row, variant.name())[0];
    }

    /// @throws IllegalStateException with what the process says when the request fails, or that it has ended
    private double[] ask(String... words) {
        try {
            requests.write(String.join("\t", words));
            requests.newLine();
            requests.flush();
            String answer = answers.readLine();
            if (answer == null) {
                throw new IllegalStateException("the measuring process ended with status " + process.waitFor()
                        + " during: " + String.join(" ", words));
            }
            if (answer.startsWith("!")) {
                throw new IllegalStateException(answer.substring(1));
            }
            return Arrays.stream(answer.substring(1).split(" "))
                    .filter(word -> !word.isEmpty())
                    .mapToDouble(Double::parseDouble)
                    .toArray();
        } catch (IOException e) {
            throw new UncheckedIOException("a measuring process does not answer: " + String.join(" ", words), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        try {
            requests.close();
        } catch (IOException e) {
            process.destroy();
        }
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
    }
}
