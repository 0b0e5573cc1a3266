package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

final class ViewOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of("reshape", x -> x[0].reshape(5, -1), normal(3, 5, 2))
                        .edge(normal(0, 5))
                        .edge(normal(5)),
                Sample.of("permute", x -> x[0].permute(2, 0, 1), normal(3, 5, 2))
                        .edge(normal(3, 0, 2)),
                Sample.of("transpose", x -> x[0].transpose(0, -1), normal(3, 5)).edge(normal(1, 1)),
                Sample.of("expand", x -> x[0].expand(2, 3, 5), normal(3, 1)).edge(normal()),
                Sample.of("slice", x -> x[0].slice(1, -4, -1), normal(3, 5)).edge(normal(0, 5)),
                Sample.of("slice by steps", x -> Slice.slice(x[0], 0, 1, 7, 3), normal(7, 2)),
                Sample.of("slices that overlap", x -> x[0].slice(0, 0, 3).mul(x[0].slice(0, 1, 4)), normal(5)),
                Sample.of(
                        "unslice",
                        x -> Tensor.apply(
                                new Unslice(new Slice(0, 1, 6, 2), x[0].shape().with(0, 7)), x[0]),
                        normal(3, 2)),
                Sample.of("unsqueeze and squeeze", x -> x[0].unsqueeze(-1).squeeze(0), normal(1, 5)),
                Sample.of("concat", x -> Concat.concat(1, x[0], x[1], x[0]), normal(3, 5), normalOf(2, 3, 2))
                        .edge(normal(3, 0), normal(3, 1)),
                Sample.of("stack", x -> Concat.stack(-1, x[0], x[1]), normal(3, 5), normalOf(2, 3, 5)),
                Sample.of("split", x -> Split.split(x[0], 0, 2, 3).get(1), normal(5, 3)),
                Sample.of("split evenly", x -> Split.even(x[0], 1, 3).get(2), normal(2, 6)),
                Sample.of("flip", x -> Flip.flip(x[0], 0, -1), normal(3, 5)).edge(normal(0, 2)),
                Sample.of("tile", x -> Repeat.tile(x[0], 2, 3), normal(3, 2)).edge(normal(0, 1)),
                Sample.of("interleave", x -> Repeat.interleave(x[0], 0, 3), normal(3, 2)),
                Sample.of("pad", x -> Pad.pad(x[0], 1, 2, 1, 7), normal(3, 5)).edge(normal(3, 0)),
                Sample.of("lower triangle", x -> Triangle.lower(x[0], 0), normal(2, 3, 5)),
                Sample.of("upper triangle", x -> Triangle.upper(x[0], -1), normal(5, 3))
                        .edge(normal(0, 3)),
                Sample.of("diagonal", x -> Diagonal.diagonal(x[0]), normal(2, 3, 5))
                        .edge(normal(0, 3)),
                Sample.of("contiguous", x -> x[0].transpose(0, 1).contiguous(), normal(3, 5))
                        .edge(normal(0, 2)),
                Sample.of("cast", x -> x[0].to(x[1].dtype()).mul(x[1]), normal(3), normal(3)),
                Sample.of("move", x -> Tensor.apply(new Move(Device.cpu()), x[0].transpose(0, 1)), normal(3, 5))
                        .edge(normal(0, 3)),
                Sample.of("cast to int64", x -> x[0].to(DType.INT64), normal(3, 5))
                        .constant()
                        .using(Cast.class));
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(3, 5);
        return Stream.of(
                Refusal.of(ShapeMismatchException.class, () -> x.reshape(4, 4), "reshape", "[3, 5]", "[4, 4]"),
                Refusal.of(ShapeMismatchException.class, () -> x.permute(0, 0), "permute", "[0, 0]", "[3, 5]"),
                Refusal.of(ShapeMismatchException.class, () -> x.expand(3, 6), "expand", "[3, 5]", "[3, 6]"),
                Refusal.of(IndexOutOfBoundsException.class, () -> x.slice(0, 4, 5), "slice", "4", "[3, 5]"),
                Refusal.of(IndexOutOfBoundsException.class, () -> x.unsqueeze(4), "unsqueeze", "4", "[3, 5]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Concat.concat(0, x, normal(3, 4)),
                        "concat",
                        "[3, 5]",
                        "[3, 4]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> Concat.concat(0, x, Tensor.ones(3, 5)),
                        "concat",
                        "float64",
                        "float32"),
                Refusal.of(IllegalArgumentException.class, () -> Concat.stack(0), "stack"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Split.split(x, 1, 2, 2).get(0),
                        "split",
                        "[2, 2]",
                        "[3, 5]"),
                Refusal.of(
                        ShapeMismatchException.class, () -> Split.even(x, 1, 2).get(0), "split", "2", "[3, 5]"),
                Refusal.of(ShapeMismatchException.class, () -> Repeat.tile(x, 2), "tile", "[3, 5]", "[2]"),
                Refusal.of(IllegalArgumentException.class, () -> Pad.pad(x, 0, -1, 0, 0), "pad", "-1"),
                Refusal.of(ShapeMismatchException.class, () -> Triangle.lower(normal(3), 0), "lower", "[3]"),
                Refusal.of(ShapeMismatchException.class, () -> Diagonal.diagonal(normal(3)), "diagonal", "[3]"),
                Refusal.of(ShapeMismatchException.class, () -> x.squeeze(1), "squeeze", "1", "[3, 5]"));
    }
}
