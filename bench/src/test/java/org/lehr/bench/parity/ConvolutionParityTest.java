package org.lehr.bench.parity;

import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.lehr.bench.TorchConvolution;
import org.lehr.engine.tensor.op.CausalConv1d;
import org.lehr.engine.tensor.op.Conv1d;
import org.lehr.engine.tensor.op.Conv2d;
import org.lehr.engine.tensor.op.ConvTranspose2d;
import org.lehr.kernels.ConvolutionKernels.Form;

/// Convolutions beside libtorch's.
@NeedsPeer
class ConvolutionParityTest {

    private final Parity parity = new Parity();

    @TestFactory
    Stream<DynamicTest> conv2d() {
        for (Form form : new Form[] {Form.of(1, 1, 1, 1), Form.of(2, 1, 1, 2), new Form(1, 2, 0, 3, 2, 1, 2)}) {
            long[] strides = {form.strideY(), form.strideX()};
            long[] paddings = {form.paddingY(), form.paddingX()};
            long[] dilations = {form.dilationY(), form.dilationX()};
            parity.add(
                    "conv2d " + form,
                    3000,
                    x -> Conv2d.conv2d(x[0], x[1], x[2], form),
                    x -> torch.conv2d(
                            x[0], x[1], new TensorOptional(x[2]), strides, paddings, dilations, form.groups()),
                    new long[] {3, 6, 13, 17},
                    new long[] {10, 6 / form.groups(), 3, 5},
                    new long[] {10});
            parity.add(
                    "conv_transpose2d " + form,
                    3000,
                    x -> ConvTranspose2d.convTranspose2d(x[0], x[1], x[2], form, 0, 0),
                    x -> torch.conv_transpose2d(
                            x[0],
                            x[1],
                            new TensorOptional(x[2]),
                            strides,
                            paddings,
                            new long[] {0, 0},
                            form.groups(),
                            dilations),
                    new long[] {3, 10, 13, 17},
                    new long[] {10, 6 / form.groups(), 3, 5},
                    new long[] {6});
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> conv1d() {
        for (long groups : new long[] {1, 6}) {
            parity.add(
                    "conv1d in " + groups + " groups",
                    300,
                    x -> Conv1d.conv1d(x[0], x[1], x[2], new Conv1d.Line(1, 3, 1, groups)),
                    x -> torch.conv1d(
                            x[0],
                            x[1],
                            new TensorOptional(x[2]),
                            new long[] {1},
                            new long[] {3},
                            new long[] {1},
                            groups),
                    new long[] {3, 6, 31},
                    new long[] {6, 6 / groups, 4},
                    new long[] {6});
        }
        return parity.tests();
    }

    @TestFactory
    Stream<DynamicTest> causalConv1d() {
        for (long width : new long[] {2, 3, 4}) {
            parity.add(
                    "causal_conv1d of width " + width,
                    300,
                    x -> CausalConv1d.causalConv1d(x[0], x[1], x[2], null, true),
                    x -> TorchConvolution.causalSilu(x[0], x[1], x[2]),
                    new long[] {2, 71, 37},
                    new long[] {37, width},
                    new long[] {37});
        }
        return parity.tests();
    }
}
