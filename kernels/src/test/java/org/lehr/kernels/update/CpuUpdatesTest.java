package org.lehr.kernels.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.lehr.kernels.Arrays64.assertClose;
import static org.lehr.kernels.Arrays64.copy;
import static org.lehr.kernels.Arrays64.empty;
import static org.lehr.kernels.Arrays64.epsilon;
import static org.lehr.kernels.Arrays64.random;
import static org.lehr.kernels.Arrays64.values;
import static org.lehr.kernels.Arrays64.view;
import static org.lehr.kernels.Arrays64.withAnyThreads;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.UpdateKernels.Adam;
import org.lehr.kernels.UpdateKernels.AdamSlot;
import org.lehr.kernels.UpdateKernels.Sgd;
import org.lehr.kernels.UpdateKernels.SgdSlot;
import org.lehr.kernels.View;

@Tag("widths")
class CpuUpdatesTest {

    private static final int STEPS = 5;

    private final CpuUpdates kernels = new CpuUpdates();

    private static DType state(DType dtype) {
        return dtype == DType.BFLOAT16 ? DType.FLOAT32 : dtype;
    }

    private static View zeros(DType dtype, long n) {
        return view(dtype, new double[(int) n], n);
    }

    /// Adam as the papers write it, `p, m, v, u` one after the other, after some steps.
    private static double[] adamOracle(double[] start, double[][] gradients, Adam form, boolean maximum) {
        double[] p = start.clone();
        double[] m = new double[p.length];
        double[] v = new double[p.length];
        double[] u = new double[p.length];
        for (int t = 1; t <= gradients.length; t++) {
            for (int i = 0; i < p.length; i++) {
                double g = form.gradientScale() * gradients[t - 1][i];
                if (!form.decoupled()) {
                    g += form.weightDecay() * p[i];
                }
                m[i] = form.beta1() * m[i] + (1 - form.beta1()) * g;
                v[i] = form.beta2() * v[i] + (1 - form.beta2()) * g * g;
                u[i] = maximum ? Math.max(u[i], v[i]) : v[i];
                if (form.decoupled()) {
                    p[i] *= 1 - form.rate() * form.weightDecay();
                }
                double mean = m[i] / (1 - Math.pow(form.beta1(), t));
                double variance = u[i] / (1 - Math.pow(form.beta2(), t));
                p[i] -= form.rate() * mean / (Math.sqrt(variance) + form.epsilon());
            }
        }
        return join(p, m, v, u);
    }

    private static double[] join(double[]... parts) {
        return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    private static Adam at(Adam form, int step) {
        return new Adam(
                form.rate(),
                form.beta1(),
                form.beta2(),
                form.epsilon(),
                form.weightDecay(),
                form.decoupled(),
                step,
                form.gradientScale());
    }

    private static double[][] gradients(DType dtype, int n) {
        double[][] gradients = new double[STEPS][];
        for (int t = 0; t < STEPS; t++) {
            gradients[t] = values(random(dtype, 100 + t, n));
        }
        return gradients;
    }

    private double[] adam(DType dtype, View start, double[][] gradients, Adam form, boolean maximum) {
        long n = start.size();
        View p = copy(start);
        View m = zeros(state(dtype), n);
        View v = zeros(state(dtype), n);
        View u = maximum ? zeros(state(dtype), n) : null;
        for (int t = 1; t <= gradients.length; t++) {
            View g = view(dtype, gradients[t - 1], n);
            kernels.adam(List.of(new AdamSlot(p, g, m, v, u)), at(form, t));
        }
        return join(values(p), values(m), values(v), maximum ? values(u) : values(v));
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 70001, true, false", "FLOAT32, 131, false, false", "FLOAT32, 70001, false, true",
        "FLOAT32, 7, true, true", "FLOAT32, 0, true, false", "FLOAT64, 70001, true, false",
        "FLOAT64, 131, false, true", "FLOAT64, 1, true, true"
    })
    void adamFollowsTheFormula(DType dtype, int n, boolean decoupled, boolean maximum) {
        Adam form = new Adam(1e-2, 0.9, 0.95, 1e-8, 0.1, decoupled, 1, 0.5);
        View start = random(dtype, 1, n);
        double[][] gradients = gradients(dtype, n);
        double[] result = withAnyThreads(() -> adam(dtype, start, gradients, form, maximum));
        double[] expected = adamOracle(values(start), gradients, form, maximum);
        assertClose(expected, result, 16 * STEPS * epsilon(dtype));
    }

    /// bfloat16 parameters are the float32 step rounded once, with float32 state.
    @ParameterizedTest
    @CsvSource({"70001, true", "5, false"})
    void adamRoundsBfloat16Once(int n, boolean maximum) {
        Adam form = new Adam(1e-2, 0.9, 0.95, 1e-8, 0.1, true, 1, 1);
        View start = random(DType.BFLOAT16, 1, n);
        double[][] gradients = {values(random(DType.BFLOAT16, 2, n))};
        double[] result = withAnyThreads(() -> adam(DType.BFLOAT16, start, gradients, form, maximum));
        View wide = view(DType.FLOAT32, values(start), n);
        double[] expected = adam(DType.FLOAT32, wide, gradients, form, maximum);
        double[] rounded = values(view(DType.BFLOAT16, Arrays.copyOf(expected, n), n));
        System.arraycopy(rounded, 0, expected, 0, n);
        assertArrayEquals(expected, result);
    }

    @Test
    void float32GradientsMayMoveBfloat16Parameters() {
        View p = random(DType.BFLOAT16, 1, 4099);
        View g = random(DType.FLOAT32, 2, 4099);
        double[] expected = values(p);
        double[] slopes = values(g);
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (float) (expected[i] - (float) (0.5f * slopes[i]));
        }
        kernels.sgd(List.of(new SgdSlot(p, g, null)), new Sgd(0.5, 0, 0, false, 0, 1, 1));
        assertArrayEquals(values(view(DType.BFLOAT16, expected, 4099)), values(p));
    }

    /// An element's result does not depend on where it stands: in a vector or behind the last, in whichever
    /// chunk.
    @Test
    void elementsDoNotDependOnTheirPlace() {
        int n = 2 * (int) Chunks.ELEMENTS + 29;
        Adam form = new Adam(1e-2, 0.9, 0.999, 1e-8, 0.1, true, 7, 0.25);
        Sgd sgd = new Sgd(0.1, 0.9, 0.1, true, 0.01, 7, 0.25);
        double[] start = values(random(DType.FLOAT32, 1, n));
        double[] slopes = values(random(DType.FLOAT32, 2, n));
        double[] means = values(random(DType.FLOAT32, 3, n));
        double[] squares = Arrays.stream(values(random(DType.FLOAT32, 4, n)))
                .map(Math::abs)
                .toArray();
        double[] whole = steps(start, slopes, means, squares, form, sgd);
        int places = 41;
        for (int from : new int[] {0, (int) Chunks.ELEMENTS - 20, n - places}) {
            for (int i = from; i < from + places; i++) {
                double[] alone = steps(
                        Arrays.copyOfRange(start, i, i + 1),
                        Arrays.copyOfRange(slopes, i, i + 1),
                        Arrays.copyOfRange(means, i, i + 1),
                        Arrays.copyOfRange(squares, i, i + 1),
                        form,
                        sgd);
                for (int k = 0; k < alone.length; k++) {
                    assertEquals(alone[k], whole[k * n + i], "element " + i + " of array " + k);
                }
            }
        }
    }

    private double[] steps(double[] start, double[] slopes, double[] means, double[] squares, Adam form, Sgd sgd) {
        int n = start.length;
        View gradient = view(DType.FLOAT32, slopes, n);
        View p = view(DType.FLOAT32, start, n);
        View m = view(DType.FLOAT32, means, n);
        View v = view(DType.FLOAT32, squares, n);
        View u = view(DType.FLOAT32, squares, n);
        kernels.adam(List.of(new AdamSlot(p, gradient, m, v, u)), form);
        View q = view(DType.FLOAT32, start, n);
        View momentum = view(DType.FLOAT32, means, n);
        kernels.sgd(List.of(new SgdSlot(q, gradient, momentum)), sgd);
        return join(values(p), values(m), values(v), values(u), values(q), values(momentum));
    }

    /// Many slots of odd sizes, empty ones among them and at both ends, give what each gives alone.
    @Test
    void slotsAreIndependent() {
        int[] sizes = {0, 3, 70_001, 0, 0, 1, 32_768, 32_769, 17, 0};
        Adam form = new Adam(1e-2, 0.9, 0.95, 1e-8, 0.1, true, 1, 1);
        double[] together = withAnyThreads(() -> {
            List<AdamSlot> slots = slots(sizes);
            kernels.adam(slots, form);
            return contents(slots);
        });
        List<AdamSlot> slots = slots(sizes);
        slots.forEach(slot -> kernels.adam(List.of(slot), form));
        assertArrayEquals(contents(slots), together);
        kernels.adam(List.of(), form);
    }

    private static List<AdamSlot> slots(int... sizes) {
        List<AdamSlot> slots = new ArrayList<>();
        for (int i = 0; i < sizes.length; i++) {
            DType dtype = i % 3 == 2 ? DType.FLOAT32 : i % 3 == 1 ? DType.BFLOAT16 : DType.FLOAT64;
            slots.add(new AdamSlot(
                    random(dtype, i, sizes[i]),
                    random(dtype, 50 + i, sizes[i]),
                    zeros(state(dtype), sizes[i]),
                    zeros(state(dtype), sizes[i]),
                    null));
        }
        return slots;
    }

    private static double[] contents(List<AdamSlot> slots) {
        return slots.stream()
                .flatMapToDouble(slot ->
                        Arrays.stream(join(values(slot.parameter()), values(slot.mean()), values(slot.variance()))))
                .toArray();
    }

    private static double[] sgdOracle(double[] start, double[][] gradients, Sgd form, boolean withMomentum) {
        double[] p = start.clone();
        double[] m = new double[p.length];
        for (int t = 1; t <= gradients.length; t++) {
            for (int i = 0; i < p.length; i++) {
                double g = form.gradientScale() * gradients[t - 1][i] + form.weightDecay() * p[i];
                if (withMomentum) {
                    m[i] = t == 1 ? g : form.momentum() * m[i] + (1 - form.dampening()) * g;
                    g = form.nesterov() ? g + form.momentum() * m[i] : m[i];
                }
                p[i] -= form.rate() * g;
            }
        }
        return join(p, m);
    }

    @ParameterizedTest
    @CsvSource({
        "FLOAT32, 70001, false, false, 0", "FLOAT32, 70001, true, false, 0", "FLOAT32, 131, true, true, 0",
        "FLOAT32, 7, true, false, 0.3", "FLOAT32, 0, true, true, 0", "FLOAT64, 70001, true, true, 0.1",
        "FLOAT64, 131, false, false, 0"
    })
    void sgdFollowsTheFormula(DType dtype, int n, boolean withMomentum, boolean nesterov, double dampening) {
        View start = random(dtype, 1, n);
        double[][] gradients = gradients(dtype, n);
        double momentum = withMomentum ? 0.9 : 0;
        double[] result = withAnyThreads(() -> {
            View p = copy(start);
            // what momentum holds before the first step plays no part
            View m = withMomentum ? empty(dtype, n) : null;
            for (int t = 1; t <= STEPS; t++) {
                Sgd form = new Sgd(0.1, momentum, dampening, nesterov, 0.01, t, 0.5);
                kernels.sgd(List.of(new SgdSlot(p, view(dtype, gradients[t - 1], n), m)), form);
            }
            return join(values(p), withMomentum ? values(m) : new double[n]);
        });
        Sgd form = new Sgd(0.1, momentum, dampening, nesterov, 0.01, 1, 0.5);
        assertClose(sgdOracle(values(start), gradients, form, withMomentum), result, 16 * STEPS * epsilon(dtype));
    }

    @Test
    void aNanStaysInItsElement() {
        int n = 37;
        double[] slopes = new double[n];
        Arrays.fill(slopes, 1);
        slopes[5] = Double.NaN;
        slopes[36] = Double.NaN;
        View p = zeros(DType.FLOAT32, n);
        View m = zeros(DType.FLOAT32, n);
        View v = zeros(DType.FLOAT32, n);
        View u = zeros(DType.FLOAT32, n);
        Adam form = new Adam(1e-3, 0.9, 0.95, 1e-8, 0, true, 1, 1);
        kernels.adam(List.of(new AdamSlot(p, view(DType.FLOAT32, slopes, n), m, v, u)), form);
        for (View view : List.of(p, m, v, u)) {
            double[] result = values(view);
            for (int i = 0; i < n; i++) {
                assertEquals(i == 5 || i == 36, Double.isNaN(result[i]), "element " + i);
            }
        }
    }

    @Test
    void errorsNameTheOperation() {
        View p = zeros(DType.INT32, 3);
        Sgd form = new Sgd(0.1, 0, 0, false, 0, 1, 1);
        Exception dtype =
                assertThrows(IllegalArgumentException.class, () -> kernels.sgd(List.of(new SgdSlot(p, p, null)), form));
        assertTrue(dtype.getMessage().contains("int32"), dtype.getMessage());
        Adam zeroth = new Adam(1e-3, 0.9, 0.95, 1e-8, 0, true, 0, 1);
        Exception step = assertThrows(IllegalArgumentException.class, () -> kernels.adam(List.of(), zeroth));
        assertEquals("adam: steps count from 1, got step 0", step.getMessage());
    }
}
