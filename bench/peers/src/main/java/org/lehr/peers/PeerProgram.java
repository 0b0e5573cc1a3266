package org.lehr.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The measuring process of another engine: answers `time task variant warm-up millis` with the milliseconds of the
/// median call. Tasks are `product N` and `classifier BATCH`; before the first call the result is compared with plain
/// loops.
public final class PeerProgram {

    private static final int[] WIDTHS = {784, 256, 256, 10};
    private static final float RATE = 0.01f;
    private static final double TOLERANCE = 1e-4;

    private PeerProgram() {}

    /// Answers requests until the input ends.
    public static void serve(Engine engine) throws IOException {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Map<String, Engine.Call> calls = new HashMap<>();
        var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = requests.readLine(); line != null; line = requests.readLine()) {
            String[] words = line.split("\t");
            try {
                Engine.Call call = calls.computeIfAbsent(words[1], task -> prepared(engine, task));
                median(call, Integer.parseInt(words[3]));
                answers.println("=" + median(call, Integer.parseInt(words[4])));
            } catch (RuntimeException | LinkageError e) {
                e.printStackTrace();
                answers.println("!" + e.toString().replace('\n', ' '));
            }
            answers.flush();
        }
        System.exit(0);
    }

    private static double median(Runnable call, int millis) {
        double[] times = new double[1 << 20];
        int count = 0;
        long end = System.nanoTime() + millis * 1_000_000L;
        while (count == 0 || System.nanoTime() < end && count < times.length) {
            long began = System.nanoTime();
            call.run();
            times[count++] = (System.nanoTime() - began) * 1e-6;
        }
        Arrays.sort(times, 0, count);
        return times[count / 2];
    }

    private static Engine.Call prepared(Engine engine, String task) {
        String[] words = task.split(" ");
        int size = Integer.parseInt(words[1]);
        return words[0].equals("product") ? product(engine, size) : classifier(engine, size);
    }

    private static Engine.Call product(Engine engine, int size) {
        float[] left = numbers(size * size, 1);
        float[] right = numbers(size * size, 1);
        double expected = 0;
        for (int k = 0; k < size; k++) {
            expected += (double) left[k] * right[k * size];
        }
        return checked(engine.product(size, left, right), expected);
    }

    private static Engine.Call classifier(Engine engine, int batch) {
        float[] pixels = numbers(batch * WIDTHS[0], 1);
        int[] labels = new int[batch];
        Arrays.setAll(labels, i -> i * 7 % WIDTHS[WIDTHS.length - 1]);
        float[][] weights = new float[WIDTHS.length - 1][];
        Arrays.setAll(weights, i -> numbers(WIDTHS[i] * WIDTHS[i + 1], (float) (1 / Math.sqrt(WIDTHS[i]))));
        double expected = loss(batch, pixels, labels, weights);
        return checked(engine.classifier(WIDTHS, pixels, labels, weights, RATE), expected);
    }

    private static Engine.Call checked(Engine.Call call, double expected) {
        call.run();
        if (!(Math.abs(call.value() - expected) <= TOLERANCE * Math.max(1, Math.abs(expected)))) {
            throw new IllegalStateException("the result is " + call.value() + ", plain loops give " + expected);
        }
        return call;
    }

    /// Fixed, arbitrary numbers in `[-scale/2, scale/2]`.
    private static float[] numbers(int count, float scale) {
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = scale * (Math.floorMod(i * 2654435761L >> 7, 1024) / 1024f - 0.5f);
        }
        return numbers;
    }

    private static double loss(int batch, float[] pixels, int[] labels, float[]... weights) {
        double sum = 0;
        for (int row = 0; row < batch; row++) {
            double[] x = new double[WIDTHS[0]];
            for (int i = 0; i < x.length; i++) {
                x[i] = pixels[row * x.length + i];
            }
            for (int layer = 0; layer < weights.length; layer++) {
                double[] y = new double[WIDTHS[layer + 1]];
                for (int i = 0; i < x.length; i++) {
                    for (int j = 0; j < y.length; j++) {
                        y[j] += x[i] * weights[layer][i * y.length + j];
                    }
                }
                x = layer == weights.length - 1
                        ? y
                        : Arrays.stream(y).map(v -> Math.max(0, v)).toArray();
            }
            sum += Math.log(Arrays.stream(x).map(Math::exp).sum()) - x[labels[row]];
        }
        return sum / batch;
    }
}
