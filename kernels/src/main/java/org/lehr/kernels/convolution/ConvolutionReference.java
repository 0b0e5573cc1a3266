package org.lehr.kernels.convolution;

import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;

/// The definition of the convolution and of both its gradients as one loop nest, in double: it visits every
/// triple of elements that meet in `y = weight·x`.
///
/// `x [b, groups·c, h, w], weight [o, c, kh, kw], y [b, o, rows, columns]`
public final class ConvolutionReference {

    private ConvolutionReference() {}

    /// What is done with the places of three elements that meet.
    @FunctionalInterface
    private interface Meeting {
        void at(int y, int x, int weight);
    }

    /// `y = weight·x + bias`; `bias` may be null.
    public static void forward(View y, View x, View weight, View bias, Form form) {
        Reals in = Reals.of(x);
        Reals filters = Reals.of(weight);
        double[] sums = new double[Math.toIntExact(y.size())];
        for (int i = 0; i < sums.length && bias != null; i++) {
            sums[i] = Reals.of(bias).get(i / (y.shape()[2] * y.shape()[3]) % y.shape()[1]);
        }
        each(y, x, weight, form, (i, j, k) -> sums[i] += filters.get(k) * in.get(j));
        put(y, sums);
    }

    /// `dx`, given `dy`.
    public static void inputGradient(View dx, View dy, View weight, Form form) {
        Reals slopes = Reals.of(dy);
        Reals filters = Reals.of(weight);
        double[] sums = new double[Math.toIntExact(dx.size())];
        each(dy, dx, weight, form, (i, j, k) -> sums[j] += filters.get(k) * slopes.get(i));
        put(dx, sums);
    }

    /// `dWeight`, given `dy`.
    public static void weightGradient(View dWeight, View dy, View x, Form form) {
        Reals slopes = Reals.of(dy);
        Reals in = Reals.of(x);
        double[] sums = new double[Math.toIntExact(dWeight.size())];
        each(dy, x, dWeight, form, (i, j, k) -> sums[k] += in.get(j) * slopes.get(i));
        put(dWeight, sums);
    }

    private static void put(View out, double[] values) {
        Reals target = Reals.of(out);
        for (int i = 0; i < values.length; i++) {
            target.put(i, values[i]);
        }
    }

    private static void each(View y, View x, View weight, Form form, Meeting meeting) {
        Window window = Window.of(y, x, weight, form);
        int groups = (int) form.groups();
        int filters = (int) weight.shape()[0] / groups;
        for (int n = 0; n < x.shape()[0]; n++) {
            for (int o = 0; o < groups * filters; o++) {
                for (int c = 0; c < window.channels(); c++) {
                    int image = (n * groups + o / filters) * window.channels() + c;
                    int result = n * groups * filters + o;
                    plane(window, image, result, o * window.channels() + c, meeting);
                }
            }
        }
    }

    private static void plane(Window w, int image, int result, int filter, Meeting meeting) {
        for (int i = 0; i < w.rows(); i++) {
            for (int j = 0; j < w.columns(); j++) {
                for (int a = 0; a < w.kh(); a++) {
                    for (int b = 0; b < w.kw(); b++) {
                        int y = i * w.strideY() - w.paddingY() + a * w.dilationY();
                        int x = j * w.strideX() - w.paddingX() + b * w.dilationX();
                        if (y >= 0 && y < w.h() && x >= 0 && x < w.w()) {
                            meeting.at(
                                    (result * w.rows() + i) * w.columns() + j,
                                    (image * w.h() + y) * w.w() + x,
                                    (filter * w.kh() + a) * w.kw() + b);
                        }
                    }
                }
            }
        }
    }
}
