package org.lehr.kernels.convolution;

import java.util.Arrays;
import org.lehr.kernels.ConvolutionKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.convert.Widened;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.parallel.Workers;

/// Convolutions on the processor; bfloat16 is widened as a whole.
public final class CpuConvolutions implements ConvolutionKernels {

    /// As `CpuBackend` needs it.
    public CpuConvolutions() {}

    @Override
    public void convolution(View y, View x, View weight, View bias, Form form) {
        check("convolution", y, x, weight, form);
        try (Widened wideY = Widened.write(y);
                Widened wideX = Widened.read(x);
                Widened wideWeight = Widened.read(weight);
                Widened wideBias = Widened.read(bias);
                Filters filters = Filters.plain(wideWeight.view(), wideBias.view(), (int) form.groups())) {
            if (y.size() > 0) {
                Window window = Window.of(y, x, weight, form);
                new FilterProduct(wideY.view(), wideX.view(), filters, window).run();
            }
        }
    }

    @Override
    public void inputGradient(View dx, View dy, View weight, Form form) {
        check("convolution: gradient of the input", dy, dx, weight, form);
        try (Widened wideX = Widened.write(dx);
                Widened wideY = Widened.read(dy);
                Widened wideWeight = Widened.read(weight)) {
            int groups = (int) form.groups();
            Window window = Window.of(dy, dx, weight, form);
            if (dy.size() == 0) {
                clear(wideX.view());
            } else if (window.turns() && dx.size() > 0) {
                try (Filters filters = Filters.turned(wideWeight.view(), groups)) {
                    Window back = window.turned(Math.toIntExact(weight.shape()[0] / groups));
                    new FilterProduct(wideX.view(), wideY.view(), filters, back).run();
                }
            } else if (dx.size() > 0) {
                new ScatteredGradient(wideX.view(), wideY.view(), wideWeight.view(), window, groups).run();
            }
        }
    }

    @Override
    public void weightGradient(View dWeight, View dy, View x, Form form) {
        check("convolution: gradient of the weight", dy, x, dWeight, form);
        try (Widened wideWeight = Widened.write(dWeight);
                Widened wideY = Widened.read(dy);
                Widened wideX = Widened.read(x)) {
            if (dy.size() == 0) {
                clear(wideWeight.view());
            } else if (dWeight.size() > 0) {
                Window window = Window.of(dy, x, dWeight, form);
                new WeightGradient(wideWeight.view(), wideY.view(), wideX.view(), window, (int) form.groups()).run();
            }
        }
    }

    @Override
    public void largest(View places, View x, long filterRows, long filterColumns, Form form) {
        try (Widened wide = Widened.read(x)) {
            LargestKernel.forward(places, wide.view(), filterRows, filterColumns, form);
        }
    }

    @Override
    public void causal(View y, View x, Causal form) {
        check("causal convolution", y, x, form);
        if (y.size() == 0) {
            return;
        }
        try (Wide wide = Wide.of(form);
                Widened wideY = Widened.write(y);
                Widened wideX = Widened.read(x)) {
            if (CausalKernel.suits(wideX.view(), wide.form())) {
                CausalKernel.forward(wideY.view(), wideX.view(), wide.form());
            } else {
                CausalReference kernel = new CausalReference(wideX.view(), wide.form());
                Reals result = Reals.of(wideY.view());
                Workers.current().forRange(x.shape()[2], 1, (from, to) -> kernel.forward(result, from, to));
            }
        }
    }

    @Override
    public void causalBackward(CausalGradients out, View dy, View x, Causal form) {
        check("causal convolution: gradient", dy, x, form);
        try (Wide wide = Wide.of(form);
                Widened wideY = Widened.read(dy);
                Widened wideX = Widened.read(x);
                Widened dx = Widened.write(out.dx());
                Widened dWeight = Widened.write(out.dWeight());
                Widened dBias = Widened.write(out.dBias());
                Widened dState = Widened.write(out.dState())) {
            CausalGradients gradients = new CausalGradients(dx.view(), dWeight.view(), dBias.view(), dState.view());
            if (CausalKernel.suits(wideX.view(), wide.form()) && x.size() > 0) {
                CausalKernel.backward(gradients, wideY.view(), wideX.view(), wide.form());
            } else {
                CausalReference kernel = new CausalReference(wideX.view(), wide.form());
                Reals slopes = Reals.of(wideY.view());
                Workers.current().forRange(x.shape()[2], 1, (from, to) -> kernel.backward(gradients, slopes, from, to));
            }
        }
    }

    /// A form whose arrays are float32 where they were bfloat16.
    private record Wide(Causal form, Widened weight, Widened bias, Widened state) implements AutoCloseable {

        static Wide of(Causal form) {
            Widened weight = Widened.read(form.weight());
            Widened bias = Widened.read(form.bias());
            Widened state = Widened.read(form.state());
            Causal wide = new Causal(weight.view(), bias.view(), state.view(), form.silu());
            return new Wide(wide, weight, bias, state);
        }

        @Override
        public void close() {
            state.close();
            bias.close();
            weight.close();
        }
    }

    private static void check(String operation, View y, View x, Causal form) {
        boolean fits = x.rank() == 3
                && x.isContiguous()
                && y.isContiguous()
                && Arrays.equals(x.shape(), y.shape())
                && form.weight().rank() == 2
                && form.weight().shape()[0] == x.shape()[2]
                && form.width() >= 1
                && form.weight().isContiguous();
        fits = fits
                && (form.bias() == null
                        || form.bias().isContiguous() && form.bias().size() == x.shape()[2]);
        if (!fits || form.state() != null && !isState(form.state(), x, form.width())) {
            throw new IllegalArgumentException(operation + ": expected dense x and y [b, t, c], weight [c, k], bias [c]"
                    + " and state [b, k - 1, c], got " + x + ", " + y + " and " + form);
        }
    }

    private static boolean isState(View state, View x, long width) {
        long[] expected = {x.shape()[0], width - 1, x.shape()[2]};
        return state.isContiguous() && Arrays.equals(state.shape(), expected);
    }

    private static void clear(View view) {
        long bytes = view.size() * view.dtype().bytes();
        view.storage().segment().asSlice(view.byteOffset(), bytes).fill((byte) 0);
    }

    /// Refuses what would make a kernel read or write out of bounds.
    private static void check(String operation, View y, View x, View weight, Form form) {
        boolean fits = y.rank() == 4 && x.rank() == 4 && weight.rank() == 4;
        fits = fits && y.isContiguous() && x.isContiguous() && weight.isContiguous();
        fits = fits
                && x.shape()[0] == y.shape()[0]
                && x.shape()[1] == form.groups() * weight.shape()[1]
                && y.shape()[1] == weight.shape()[0]
                && weight.shape()[0] % form.groups() == 0
                && y.shape()[2] == form.rows(x.shape()[2], weight.shape()[2])
                && y.shape()[3] == form.columns(x.shape()[3], weight.shape()[3]);
        if (!fits) {
            throw new IllegalArgumentException(
                    operation + ": expected dense x [b, g·c, h, w], weight [o, c, kh, kw] and"
                            + " y [b, o, ...] that go together, got " + x + ", " + weight + ", " + y + " and " + form);
        }
    }
}
