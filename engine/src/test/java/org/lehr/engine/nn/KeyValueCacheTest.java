package org.lehr.engine.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Attention;
import org.lehr.kernels.DType;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Scope;

class KeyValueCacheTest {

    private static final long LENGTH = 700;
    private final Tensor q = random(1, 4, 6);
    private final Tensor k = random(2, 2, 6);
    private final Tensor v = random(3, 2, 5);

    private static Tensor random(long seed, long heads, long width) {
        return new RandomStream(seed).normal(DType.FLOAT32, 1, heads, LENGTH, width);
    }

    private void append(KeyValueCache cache, long from, long to) {
        cache.append(k.slice(2, from, to), v.slice(2, from, to));
    }

    private static void assertClose(Tensor expected, Tensor got) {
        assertEquals(expected.shape(), got.shape());
        assertArrayEquals(expected.toFloatArray(), got.toFloatArray(), 2e-5f);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, false", "0.7, 0, true", "0, 100, true", "2, 300, false", "0, 1, true"})
    void stepsGiveWhatTheWholeGives(double cap, long window, boolean biased) {
        Attention form = new Attention(0.4, cap, true, window, biased, false);
        Tensor bias = new RandomStream(4).normal(DType.FLOAT32, 4, LENGTH, LENGTH);
        Tensor whole = biased ? Tensor.apply(form, q, k, v, bias) : Tensor.apply(form, q, k, v);
        KeyValueCache cache = new KeyValueCache();
        long[] ends = {300, 301, 302, 511, 512, 513, 700};
        long from = 0;
        for (long end : ends) {
            append(cache, from, end);
            Tensor rows = biased ? bias.slice(1, from, end).slice(2, 0, end) : null;
            assertClose(whole.slice(2, from, end), cache.attend(q.slice(2, from, end), form, rows));
            from = end;
        }
        assertEquals(LENGTH, cache.length());
        long seen = window == 0 ? 0 : LENGTH + 1 - window;
        assertEquals(LENGTH - seen / KeyValueCache.PAGE * KeyValueCache.PAGE, cache.held());
    }

    @Test
    void forksGoTheirOwnWay() {
        Attention form = new Attention(Double.NaN, true, 200, false, false);
        KeyValueCache one = new KeyValueCache();
        append(one, 0, 400);
        KeyValueCache two = one.fork();
        // The same positions with other contents.
        two.append(k.slice(2, 0, 1), v.slice(2, 0, 1));
        append(one, 400, 401);
        append(one, 401, 600);
        assertClose(
                Tensor.apply(form, q.slice(2, 0, 600), k.slice(2, 0, 600), v.slice(2, 0, 600))
                        .slice(2, 599, 600),
                one.attend(q.slice(2, 599, 600), form, null));
        assertEquals(600 - 256, one.held());
        assertEquals(401, two.held());
        float[] keys = two.keys().toFloatArray();
        assertArrayEquals(k.slice(2, 0, 400).slice(1, 0, 1).toFloatArray(), Arrays.copyOf(keys, 400 * 6));
        assertArrayEquals(
                k.slice(2, 0, 1).toFloatArray(), two.keys().slice(2, 400, 401).toFloatArray());
        assertArrayEquals(
                v.slice(2, 0, 1).toFloatArray(), two.values().slice(2, 400, 401).toFloatArray());
    }

    @Test
    void theLastOwnerReturnsAPage() {
        KeyValueCache one = new KeyValueCache();
        append(one, 0, 256);
        KeyValueCache two = one.fork();
        append(one, 256, 300);
        append(two, 256, 300);
        assertEquals(0, returnedBytes(() -> one.attend(q.slice(2, 299, 300), 20)));
        assertEquals(256 * 2 * (6 + 5) * 4, returnedBytes(() -> two.attend(q.slice(2, 299, 300), 20)), 4096);
    }

    private static long returnedBytes(Runnable run) {
        Pool.host().collect();
        long before = Pool.host().statistics().outstanding();
        try (var _ = Scope.open()) {
            run.run();
        }
        return before - Pool.host().statistics().outstanding();
    }

    @Test
    void whatDoesNotFitIsNamed() {
        KeyValueCache cache = new KeyValueCache();
        Tensor query = q.slice(2, 0, 1);
        assertThrows(ShapeMismatchException.class, () -> cache.attend(query, 0));
        append(cache, 0, 3);
        String message = assertThrows(ShapeMismatchException.class, () -> cache.append(v, v))
                .getMessage();
        assertTrue(message.contains("[1, 2, 700, 5]") && message.contains("width 6"), message);
        assertThrows(ShapeMismatchException.class, () -> cache.append(k, v.slice(2, 0, 4)));
        assertThrows(DTypeMismatchException.class, () -> cache.append(k.to(DType.FLOAT64), v.to(DType.FLOAT64)));
        assertThrows(DTypeMismatchException.class, () -> cache.attend(query.to(DType.BFLOAT16), 0));
        assertThrows(ShapeMismatchException.class, () -> cache.attend(q.slice(2, 0, 4), 0));
        Attention biased = new Attention(1, true, 0, true, false);
        assertThrows(IllegalArgumentException.class, () -> cache.attend(query, biased, null));
        assertThrows(ShapeMismatchException.class, () -> cache.attend(query, biased, Tensor.zeros(2)));
    }
}
