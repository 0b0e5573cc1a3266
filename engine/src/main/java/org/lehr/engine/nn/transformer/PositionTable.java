package org.lehr.engine.nn.transformer;

import java.util.stream.LongStream;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.engine.tensor.op.Range;
import org.lehr.kernels.DType;

/// A row for each position, added to the embeddings of tokens: learned, as `weight [positions, n]`, or made of sines
/// and
/// cosines, which are no parameters.
public final class PositionTable extends Module {

    private final Parameter rows;

    private PositionTable(Parameter rows) {
        this.rows = rows;
    }

    /// Learned rows.
    public static PositionTable learned(long positions, long width, Initializer initializer, RandomStream random) {
        require(positions, width);
        PositionTable table =
                new PositionTable(new Parameter(initializer.make(DType.FLOAT32, Shape.of(positions, width), random)));
        table.shared("weight", table.rows);
        return table;
    }

    /// Element `2i` of row `p` is `sin(p·10000^(−2i/n))`, element `2i + 1` the cosine (Vaswani et al. 2017).
    ///
    /// @param width even
    public static PositionTable sinusoidal(long positions, long width) {
        require(positions, width);
        if (width % 2 != 0) {
            throw new IllegalArgumentException("positions: sines and cosines need an even width, got " + width);
        }
        double[] rows = new double[Math.toIntExact(positions * width)];
        for (int place = 0; place < rows.length; place += 2) {
            double angle = place / width * StrictMath.pow(10_000, -(double) (place % width) / width);
            rows[place] = StrictMath.sin(angle);
            rows[place + 1] = StrictMath.cos(angle);
        }
        Parameter constant = new Parameter(Tensor.of(rows, positions, width));
        constant.freeze(true);
        return new PositionTable(constant);
    }

    private static void require(long positions, long width) {
        if (positions < 1 || width < 1) {
            throw new IllegalArgumentException("positions: sizes must be positive, got " + positions + " x " + width);
        }
    }

    /// `x [b, t, n]` with a row for each position added.
    ///
    /// @param from the position of the first element of each row of `x`
    public Tensor addTo(Tensor x, long... from) {
        Tensor all = rows.value();
        long length = x.extent(1);
        long last = LongStream.of(from).max().orElse(0) + length - 1;
        if (last >= all.extent(0)) {
            throw new IllegalArgumentException(
                    "positions: position " + last + " is beyond the " + all.extent(0) + " that there are");
        }
        boolean alike = LongStream.of(from).distinct().count() <= 1;
        Tensor added = alike && from.length > 0
                ? all.slice(0, from[0], from[0] + length)
                : Embedding.embedding(all, places(length, from));
        return x.add(added.to(x.dtype()));
    }

    private static Tensor places(long length, long... from) {
        Tensor steps = Range.range(Device.current(), DType.INT64, length);
        return Tensor.of(from, from.length, 1).add(steps);
    }
}
