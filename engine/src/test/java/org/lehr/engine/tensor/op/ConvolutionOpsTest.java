package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.apart;
import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.DType;

final class ConvolutionOpsTest implements OpContract {

    @Override
    public Stream<Sample> samples() {
        Form strided = new Form(2, 1, 1, 0, 1, 2, 2);
        return Stream.of(
                Sample.of(
                                "conv2d",
                                x -> Conv2d.conv2d(x[0], x[1], x[2], 1, 1),
                                normal(2, 2, 3, 5),
                                normalOf(3, 3, 2, 3, 2),
                                normal(3))
                        .edge(normal(0, 2, 3, 5), normalOf(3, 3, 2, 3, 2), normal(3))
                        .edge(normal(1, 1, 1, 1), normal(1, 1, 1, 1), normal(1)),
                Sample.of(
                        "conv2d strided in groups",
                        x -> Conv2d.conv2d(x[0], x[1], null, strided),
                        normal(1, 4, 4, 5),
                        normalOf(3, 6, 2, 3, 2)),
                Sample.of(
                                "conv2d large",
                                x -> Conv2d.conv2d(x[0], x[1], x[2], 1, 1),
                                normal(3, 7, 37, 41),
                                normalOf(3, 11, 7, 3, 3),
                                normal(11))
                        .large(),
                Sample.of(
                                "max_pool2d",
                                x -> Pool2d.max(x[0], new Pool2d.Window(2, 3, new Form(1, 2, 1, 0, 2, 1, 1))),
                                apart(2, 2, 5, 4))
                        .using(LargestPlace.class)
                        .edge(apart(0, 2, 5, 4))
                        .edge(apart(1, 1, 2, 3)),
                Sample.of("avg_pool2d", x -> Pool2d.mean(x[0], Pool2d.Window.of(3, 2, 1), true), normal(2, 2, 5, 4))
                        .edge(normal(0, 2, 5, 4)),
                Sample.of(
                        "avg_pool2d without padding",
                        x -> Pool2d.mean(x[0], Pool2d.Window.of(3, 2, 1), false),
                        normal(1, 2, 5, 4)),
                Sample.of("max_pool2d large", x -> Pool2d.max(x[0], Pool2d.Window.of(3, 2, 1)), apart(5, 13, 31, 29))
                        .large(),
                Sample.of(
                        "conv1d",
                        x -> Conv1d.conv1d(x[0], x[1], x[2], new Conv1d.Line(1, 2, 1, 3)),
                        normal(2, 3, 5),
                        normalOf(3, 3, 1, 3),
                        normal(3)),
                Sample.of(
                                "causal_conv1d with a state",
                                x -> CausalConv1d.causalConv1d(x[0], x[1], x[2], x[3], true),
                                normal(2, 5, 3),
                                normalOf(3, 3, 4),
                                normal(3),
                                normalOf(5, 2, 3, 3))
                        .edge(normal(2, 1, 1), normal(1, 4), normal(1), normalOf(5, 2, 3, 1))
                        .edge(normal(0, 5, 3), normal(3, 4), normal(3), normal(0, 3, 3)),
                Sample.of(
                        "causal_conv1d",
                        x -> CausalConv1d.causalConv1d(x[0], x[1], null, null, false),
                        normal(2, 5, 3),
                        normalOf(3, 3, 2)),
                Sample.of(
                                "causal_conv1d large",
                                x -> CausalConv1d.causalConv1d(x[0], x[1], x[2], null, true),
                                normal(3, 139, 67),
                                normalOf(3, 67, 4),
                                normal(67))
                        .large(),
                Sample.of(
                        "conv_transpose2d",
                        x -> ConvTranspose2d.convTranspose2d(x[0], x[1], x[2], strided, 1, 0),
                        normal(1, 6, 2, 3),
                        normalOf(3, 6, 2, 3, 2),
                        normal(4)));
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor x = normal(2, 4, 5, 7);
        Tensor weight = normal(6, 3, 3, 3);
        Tensor large = normal(6, 4, 3, 11);
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Conv2d.conv2d(x, weight, null, 1, 1),
                        "conv2d",
                        "[2, 4, 5, 7]",
                        "[6, 3, 3, 3]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Conv2d.conv2d(x, large, null, 1, 1),
                        "conv2d",
                        "[2, 4, 5, 7]",
                        "[6, 4, 3, 11]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Conv2d.conv2d(x, normal(6, 4, 3, 3), normal(5), 1, 1),
                        "conv2d",
                        "bias",
                        "[5]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> Conv2d.conv2d(x, normal(6, 4, 3, 3).to(DType.FLOAT32), null, 1, 1),
                        "conv2d",
                        "float32"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> Conv1d.conv1d(x, weight, null, Conv1d.Line.PLAIN),
                        "conv1d",
                        "[2, 4, 5, 7]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> CausalConv1d.causalConv1d(normal(2, 5, 3), normal(4, 3), null, null, false),
                        "causal_conv1d",
                        "[2, 5, 3]",
                        "[4, 3]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> CausalConv1d.causalConv1d(normal(2, 5, 3), normal(3, 4), null, normal(2, 4, 3), false),
                        "causal_conv1d",
                        "[2, 3, 3]",
                        "[2, 4, 3]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> ConvTranspose2d.convTranspose2d(x, normal(3, 4, 3, 3), null, Form.of(1, 0, 1, 1), 0, 0),
                        "conv_transpose2d",
                        "[2, 4, 5, 7]"),
                Refusal.of(
                        IllegalArgumentException.class,
                        () -> ConvTranspose2d.convTranspose2d(x, normal(4, 4, 3, 3), null, Form.of(2, 0, 1, 1), 1, 2),
                        "conv_transpose2d",
                        "got 1 and 2"));
    }
}
