package org.lehr.engine.tensor;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import org.lehr.kernels.DType;

/// A stream of random numbers: a key that never changes and a counter that moves on. The same key and counter give the
/// same numbers on every device and with any number of threads, and the state is two numbers to save and restore.
///
/// Not for use by several threads at once; give each its own [#split].
public final class RandomStream {

    /// A place in a stream.
    public record State(long key, long counter) {}

    private final long key;
    private long counter;

    /// A stream at its beginning.
    public RandomStream(long seed) {
        this(new State(mix(seed), 0));
    }

    /// A stream at a saved place.
    public RandomStream(State state) {
        this.key = state.key;
        this.counter = state.counter;
    }

    /// An independent stream for what `name` names; the same seed and name give the same stream.
    public RandomStream split(String name) {
        CRC32C checksum = new CRC32C();
        checksum.update(name.getBytes(StandardCharsets.UTF_8));
        return new RandomStream(new State(mix(key ^ mix(checksum.getValue() + ((long) name.length() << 32))), 0));
    }

    /// An independent stream for number `index`.
    public RandomStream split(long index) {
        return new RandomStream(new State(mix(key + mix(index + 1)), 0));
    }

    public State state() {
        return new State(key, counter);
    }

    /// Goes to a place of this stream.
    public void restore(State state) {
        if (state.key != key) {
            throw new IllegalArgumentException("random stream: the saved place belongs to another stream");
        }
        counter = state.counter;
    }

    /// Moves past the blocks that `count` numbers take, and returns where they begin.
    public long advance(long count) {
        long begin = counter;
        counter += Math.max(count, 0);
        return begin;
    }

    /// The key of the underlying generator.
    public long key() {
        return key;
    }

    /// Uniform numbers in `[0, 1)`.
    public Tensor uniform(DType dtype, long... extents) {
        Tensor out = Tensor.empty("uniform", Device.current(), dtype, Shape.of(extents));
        out.device().backend().randoms().uniform(out.view(), key, advance(out.size()));
        return out;
    }

    /// Standard normal numbers.
    public Tensor normal(DType dtype, long... extents) {
        Tensor out = Tensor.empty("normal", Device.current(), dtype, Shape.of(extents));
        out.device().backend().randoms().normal(out.view(), key, advance(out.size()));
        return out;
    }

    /// Uniform int64 numbers in `[0, bound)`.
    public Tensor integers(long bound, long... extents) {
        if (bound < 1 || bound > 1L << 31) {
            throw new IllegalArgumentException("integers: the bound must be from 1 to 2^31, got " + bound);
        }
        Tensor out = Tensor.empty("integers", Device.current(), DType.INT64, Shape.of(extents));
        out.device().backend().randoms().integers(out.view(), bound, key, advance(out.size()));
        return out;
    }

    /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): nearby seeds become unrelated keys.
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
