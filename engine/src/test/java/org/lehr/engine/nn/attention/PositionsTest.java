package org.lehr.engine.nn.attention;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.nn.attention.AttentionForm.Choices;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class PositionsTest {

    private static final RandomStream RANDOM = new RandomStream(31);

    @Test
    void pairsTurnAsThePaperSays() {
        RotaryScheme scheme = new RotaryScheme(50, RotaryScheme.Layout.PAIRS, 0.5, new RotaryStretch.None());
        Tensor x = LayerGradient.normal(1, 1, 4, 8);
        double[] in = x.toDoubleArray();
        double[] out = new RotaryPositions(9, 8, scheme).turn(x, 3).toDoubleArray();
        for (int t = 0; t < 4; t++) {
            for (int pair = 0; pair < 2; pair++) {
                double angle = (t + 3) * Math.pow(50, -2.0 * pair / 4);
                double a = in[8 * t + 2 * pair];
                double b = in[8 * t + 2 * pair + 1];
                assertEquals(a * Math.cos(angle) - b * Math.sin(angle), out[8 * t + 2 * pair], 1e-6);
                assertEquals(a * Math.sin(angle) + b * Math.cos(angle), out[8 * t + 2 * pair + 1], 1e-6);
            }
            for (int i = 4; i < 8; i++) {
                assertEquals(in[8 * t + i], out[8 * t + i]);
            }
        }
    }

    @Test
    void stretchingKeepsFastTurnsAndSlowsSlowOnes() {
        RotaryStretch stretch = new RotaryStretch.ByWavelength(8, 1, 4, 8192);
        assertEquals(1, stretch.of(1));
        assertEquals(1e-5 / 8, stretch.of(1e-5), 1e-20);
        double between = 2 * Math.PI / 8192 * 2.5;
        assertEquals(between * (0.5 + 0.5 / 8), stretch.of(between), 1e-12);
        assertEquals(0.25, new RotaryStretch.Interpolated(4).of(1));
    }

    @Test
    void alibiSlopesAreThoseOfThePaper() {
        assertArrayEquals(
                new double[] {0.5, 0.25, 0.125, 0.0625, 0.03125, 0.015625, 0.0078125, 0.00390625},
                AlibiPositions.slopes(8));
        // The first two of four heads, then the first of the next power.
        assertArrayEquals(
                new double[] {Math.pow(2, -4), Math.pow(2, -8), Math.pow(2, -2)}, AlibiPositions.slopes(3), 1e-15);
        Tensor q = Tensor.zeros(1, 2, 2, 3);
        Tensor bias = new AlibiPositions(2).bias(q, 5);
        for (int head = 0; head < 2; head++) {
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 5; j++) {
                    double expected = -Math.pow(2, -4.0 * (head + 1)) * Math.abs(3 + i - j);
                    double actual = bias.slice(0, head, head + 1)
                            .slice(1, i, i + 1)
                            .slice(2, j, j + 1)
                            .item();
                    assertEquals(expected, actual, 1e-7);
                }
            }
        }
    }

    @Test
    void hardAlibiHidesWhatIsFarFromSomeHeads() {
        Tensor bias = new HardAlibiPositions(3, 2).bias(Tensor.zeros(1, 3, 4, 2), 4);
        float[] values = bias.toFloatArray();
        for (int head = 0; head < 3; head++) {
            for (int i = 0; i < 4; i++) {
                for (int j = 0; j <= i; j++) {
                    boolean seen = head == 2 || i - j < head + 1;
                    assertEquals(seen ? 0 : Float.NEGATIVE_INFINITY, values[(head * 4 + i) * 4 + j]);
                }
            }
        }
    }

    @Test
    void bucketsAreThoseOfT5() {
        BucketedPositions.Buckets one = new BucketedPositions.Buckets(32, 128, false);
        // Sixteen exact distances, then logarithmic ranges up to 128.
        assertEquals(0, one.of(5));
        assertEquals(15, one.of(-15));
        assertEquals(16, one.of(-16));
        assertEquals(17, one.of(-19));
        assertEquals(26, one.of(-63));
        assertEquals(31, one.of(-113));
        assertEquals(31, one.of(-100_000));
        BucketedPositions.Buckets both = new BucketedPositions.Buckets(32, 128, true);
        assertEquals(7, both.of(-7));
        assertEquals(8, both.of(-8));
        assertEquals(16 + 7, both.of(7));
        assertEquals(31, both.of(500));
        assertEquals(15, both.of(-500));
        Tensor q = Tensor.zeros(1, 2, 1, 3);
        BucketedPositions positions = new BucketedPositions(
                2, new BucketedPositions.Buckets(4, 6, false), Initializer.normal(1), RANDOM.split("buckets"));
        Tensor weight = positions.parameters().get("weight").own();
        Tensor bias = positions.bias(q, 4);
        for (int j = 0; j < 4; j++) {
            int bucket = new BucketedPositions.Buckets(4, 6, false).of(j - 3);
            for (int head = 0; head < 2; head++) {
                assertEquals(
                        weight.slice(0, bucket, bucket + 1)
                                .slice(1, head, head + 1)
                                .item(),
                        bias.slice(1, head, head + 1).slice(3, j, j + 1).item());
            }
        }
    }

    @Test
    void imagePairsFallIntoAsManyBucketsAsThePaperSays() {
        ImageBuckets buckets = ImageBuckets.product(14, 14, false);
        long[] places = buckets.places()[0].toLongArray();
        assertEquals(49, Arrays.stream(places).distinct().count());
        assertEquals(49, buckets.count());
        ImageBuckets withClass = ImageBuckets.product(14, 14, true);
        assertEquals(
                50,
                Arrays.stream(withClass.places()[0].toLongArray()).distinct().count());
        assertEquals(50, withClass.count());
        assertArrayEquals(
                new int[] {-3, -3, -2, -1, 0, 1, 2, 3, 3},
                IntStream.of(-14, -9, -2, -1, 0, 1, 2, 9, 14)
                        .map(buckets::index)
                        .toArray());
    }

    private static Stream<ImageRelativePositions.Form> everyImageForm() {
        return Stream.of(ImageBuckets.Method.values())
                .map(method -> new ImageBuckets(2, 3, true, method, 1, 2, 8))
                .flatMap(buckets -> Stream.of(
                        new ImageRelativePositions.Form(buckets, true, false, false, false, false),
                        new ImageRelativePositions.Form(buckets, false, true, true, true, true),
                        new ImageRelativePositions.Form(buckets, true, true, true, true, false)));
    }

    private static MultiHeadAttention attention(ImageRelativePositions.Form form) {
        return new MultiHeadAttention(
                AttentionForm.of(4, 2, 2, Choices.plain().withPositions(form)),
                Positions.NONE,
                AttentionNames.LLAMA,
                Initializer.normal(0.5),
                Initializer.normal(0.5),
                RANDOM.split("image"));
    }

    @TestFactory
    Stream<DynamicTest> imagePositionsAreLookedUp() {
        return everyImageForm()
                .map(form -> DynamicTest.dynamicTest(form.toString(), () -> {
                    MultiHeadAttention layer = attention(form);
                    Tensor x = RANDOM.normal(DType.FLOAT32, 2, 7, 4);
                    MultiHeadAttention plain = new MultiHeadAttention(
                            AttentionForm.of(4, 2, 2, Choices.plain()),
                            Positions.NONE,
                            AttentionNames.LLAMA,
                            Initializer.normal(0.5),
                            Initializer.normal(0.5),
                            RANDOM.split("image"));
                    assertArrayEquals(
                            plain.attend(x, AttentionMask.FULL).toFloatArray(),
                            layer.attend(x, AttentionMask.FULL).toFloatArray(),
                            1e-6f,
                            "tables of zeros change something");
                    layer.parameters().forEach((path, parameter) -> {
                        if (path.startsWith("rel_pos")) {
                            parameter.set(RANDOM.split(path)
                                    .normal(
                                            DType.FLOAT32,
                                            parameter.own().shape().toArray()));
                        }
                    });
                    layer.convert(DType.FLOAT64);
                    Tensor exact = x.to(DType.FLOAT64);
                    assertArrayEquals(
                            naive(layer, form, exact),
                            layer.attend(exact, AttentionMask.FULL).toDoubleArray(),
                            1e-10);
                    LayerGradient.check(
                            layer, in -> layer.attend(in[0], AttentionMask.FULL), LayerGradient.normal(1, 7, 4));
                }));
    }

    /// One pair of places after the other.
    private static double[] naive(MultiHeadAttention layer, ImageRelativePositions.Form form, Tensor x) {
        MultiHeadAttention.Memory memory = layer.read(x);
        Parameter query = layer.parameters().get("q_proj.weight");
        Tensor q = org.lehr.engine.tensor.op.Linear.linear(x, query.own(), null)
                .reshape(2, 7, 2, 2)
                .transpose(1, 2);
        Tensor[] places = form.buckets().places();
        double[] out = new double[2 * 7 * 4];
        for (int b = 0; b < 2; b++) {
            for (int h = 0; h < 2; h++) {
                for (int i = 0; i < 7; i++) {
                    double[] scores = new double[7];
                    for (int j = 0; j < 7; j++) {
                        scores[j] = dot(q, memory.k(), b, h, i, j) / Math.sqrt(2)
                                + added(layer, form, places, q, memory, b, h, i, j);
                    }
                    double max = Arrays.stream(scores).max().orElseThrow();
                    double sum =
                            Arrays.stream(scores).map(s -> Math.exp(s - max)).sum();
                    for (int j = 0; j < 7; j++) {
                        double weight = Math.exp(scores[j] - max) / sum;
                        for (int e = 0; e < 2; e++) {
                            double value = at(memory.v(), b, h, j, e);
                            for (int table = 0; table < places.length && form.onValues(); table++) {
                                value += entry(layer, "rpe_v", table, h, e, bucket(places[table], i, j));
                            }
                            out[(b * 7 + i) * 4 + h * 2 + e] += weight * value;
                        }
                    }
                }
            }
        }
        Tensor joined = Tensor.of(out, 2, 7, 4);
        return org.lehr.engine.tensor.op.Linear.linear(
                        joined, layer.parameters().get("o_proj.weight").own(), null)
                .toDoubleArray();
    }

    private static double added(
            MultiHeadAttention layer,
            ImageRelativePositions.Form form,
            Tensor[] places,
            Tensor q,
            MultiHeadAttention.Memory memory,
            int... at) {
        double sum = 0;
        for (int table = 0; table < places.length; table++) {
            int bucket = bucket(places[table], at[2], at[3]);
            sum += form.bias() ? entry(layer, "bias", table, at[1], 0, bucket) : 0;
            for (int e = 0; e < 2; e++) {
                double scale = 1 / Math.sqrt(2);
                sum += form.onQueries()
                        ? scale * at(q, at[0], at[1], at[2], e) * entry(layer, "rpe_q", table, at[1], e, bucket)
                        : 0;
                sum += form.onKeys()
                        ? scale
                                * at(memory.k(), at[0], at[1], at[3], e)
                                * entry(layer, "rpe_k", table, at[1], e, bucket)
                        : 0;
            }
        }
        return sum;
    }

    private static int bucket(Tensor places, int i, int j) {
        return (int) places.toLongArray()[i * 7 + j];
    }

    private static double entry(MultiHeadAttention layer, String name, int table, int head, int e, int bucket) {
        Tensor own = layer.parameters()
                .get("rel_pos." + name + (table == 0 ? "" : "_" + table))
                .own();
        long row = own.extent(0) == 1 ? 0 : head;
        return own.slice(0, row, row + 1)
                .slice(1, e, e + 1)
                .slice(2, bucket, bucket + 1)
                .item();
    }

    private static double dot(Tensor q, Tensor k, int b, int h, int i, int j) {
        return at(q, b, h, i, 0) * at(k, b, h, j, 0) + at(q, b, h, i, 1) * at(k, b, h, j, 1);
    }

    private static double at(Tensor x, int b, int h, int t, int e) {
        return x.slice(0, b, b + 1)
                .slice(1, h, h + 1)
                .slice(2, t, t + 1)
                .slice(3, e, e + 1)
                .item();
    }
}
