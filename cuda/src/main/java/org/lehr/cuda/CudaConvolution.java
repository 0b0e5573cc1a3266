package org.lehr.cuda;

import org.lehr.kernels.ConvolutionKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Convolutions in two dimensions, and the causal one along time.
record CudaConvolution(Runtime runtime) implements ConvolutionKernels {

    private static final String FILE = "convolution";

    @Override
    public void convolution(View y, View x, View weight, View bias, Form form) {
        try (Widening wide = new Widening(runtime)) {
            launch("convolution", wide.read(x), wide.read(weight), wide.read(bias), wide.write(y), form)
                    .forElements(y.size());
        }
    }

    @Override
    public void inputGradient(View dx, View dy, View weight, Form form) {
        try (Widening wide = new Widening(runtime)) {
            launch("input_gradient", wide.write(dx), wide.read(weight), null, wide.read(dy), form)
                    .forElements(dx.size());
        }
    }

    @Override
    public void weightGradient(View dWeight, View dy, View x, Form form) {
        try (Widening wide = new Widening(runtime)) {
            launch("weight_gradient", wide.read(x), wide.write(dWeight), null, wide.read(dy), form)
                    .forRows(dWeight.size());
        }
    }

    @Override
    public void largest(View places, View x, long filterRows, long filterColumns, Form form) {
        try (Widening wide = new Widening(runtime)) {
            View planes = wide.read(x);
            shape(
                            runtime.launch("largest", FILE, "largest_" + planes.dtype())
                                    .dense(planes)
                                    .number(0L)
                                    .number(0L)
                                    .dense(places),
                            planes,
                            new long[] {x.shape()[1], x.shape()[1], filterRows, filterColumns},
                            places,
                            form)
                    .forElements(places.size());
        }
    }

    @Override
    public void causal(View y, View x, Causal form) {
        try (Widening wide = new Widening(runtime)) {
            View wideX = wide.read(x);
            View wideY = wide.write(y);
            given("causal", wideX, form, wide)
                    .dense(wideY)
                    .numbers(new long[0], 6)
                    .numbers(causalShape(x, form), 4)
                    .flag(form.silu())
                    .forElements(y.size());
        }
    }

    @Override
    public void causalBackward(CausalGradients out, View dy, View x, Causal form) {
        try (Widening wide = new Widening(runtime)) {
            View wideX = wide.read(x);
            View[] wideOut = {
                wide.write(out.dx()), wide.write(out.dWeight()), wide.write(out.dBias()), wide.write(out.dState())
            };
            View wideDy = wide.read(dy);
            Storage slopes = runtime.allocate(x.size() * wideX.dtype().bytes(), "causal convolution");
            try {
                long[] shape = causalShape(x, form);
                for (String pass : new String[] {"causal_slope", "causal_input", "causal_weight"}) {
                    Launch launch = given(pass, wideX, form, wide).number(0L);
                    for (View gradient : wideOut) {
                        launch.dense(gradient);
                    }
                    launch.dense(wideDy).scratch(slopes).numbers(shape, 4).flag(form.silu());
                    switch (pass) {
                        case "causal_slope" -> launch.forElements(x.size());
                        case "causal_input" -> launch.forElements(shape[0] * (shape[3] - 1 + shape[1]) * shape[2]);
                        default -> launch.forRows(shape[2] * (shape[3] + 1));
                    }
                }
            } finally {
                slopes.release();
            }
        }
    }

    private Launch given(String kernel, View x, Causal form, Widening wide) {
        return runtime.launch("causal convolution", FILE, kernel + "_" + x.dtype())
                .dense(x)
                .dense(wide.read(form.weight()))
                .dense(wide.read(form.bias()))
                .dense(wide.read(form.state()));
    }

    /// Batch, times, channels, width of the filters.
    private static long[] causalShape(View x, Causal form) {
        return new long[] {x.shape()[0], x.shape()[1], x.shape()[2], form.width()};
    }

    private Launch launch(String kernel, View x, View weight, View bias, View y, Form form) {
        Launch launch = runtime.launch(kernel, FILE, kernel + "_" + x.dtype())
                .dense(x)
                .dense(weight)
                .dense(bias)
                .dense(y);
        return shape(launch, x, weight.shape(), y, form);
    }

    private static Launch shape(Launch launch, View x, long[] weight, View y, Form form) {
        return launch.number(x.shape()[0])
                .number(form.groups())
                .number(weight[1])
                .number(x.shape()[2])
                .number(x.shape()[3])
                .number(weight[0])
                .number(weight[2])
                .number(weight[3])
                .number(y.shape()[2])
                .number(y.shape()[3])
                .number(form.strideY())
                .number(form.strideX())
                .number(form.paddingY())
                .number(form.paddingX())
                .number(form.dilationY())
                .number(form.dilationX());
    }
}
