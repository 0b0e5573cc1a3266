package org.lehr.kernels.update;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.UpdateKernels.Adam;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.memory.Reals;

/// Adam (Kingma, Ba 2015), AdamW (Loshchilov, Hutter 2019) and AMSGrad (Reddi, Kale, Kumar 2018), in place.
///
/// `g = scale·gradient (+ λ·p when coupled)`; `m = β₁·m + (1 − β₁)·g`; `v = β₂·v + (1 − β₂)·(g·g)`;
/// `u = max(u, v)` with AMSGrad, else `u = v`; `p = p·(1 − η·λ)` when decoupled;
/// `p = p − (η/(1 − β₁ᵗ))·m / (√u·(1/√(1 − β₂ᵗ)) + ε)`.
///
/// `p, gradient, m, v, u [n]`, `u` null without AMSGrad. In float32 every operation is one rounded float32
/// operation in the order written, without fused multiply-adds: an element's result depends on nothing but its
/// own numbers, not on the vector width nor on where a chunk begins.
public final class AdamKernel {

    private AdamKernel() {}

    /// What the elements share: all that does not depend on one.
    private record Factors(
            double scale,
            double coupled,
            double shrink,
            double beta1,
            double beta2,
            double size,
            double correction,
            double epsilon) {

        static Factors of(Adam form) {
            double decay = form.weightDecay();
            return new Factors(
                    form.gradientScale(),
                    form.decoupled() ? 0 : decay,
                    form.decoupled() ? 1 - form.rate() * decay : 1,
                    form.beta1(),
                    form.beta2(),
                    form.rate() / (1 - Math.pow(form.beta1(), form.step())),
                    1 / Math.sqrt(1 - Math.pow(form.beta2(), form.step())),
                    form.epsilon());
        }
    }

    /// The definition in float64, and the float64 kernel.
    public static void reference(
            Reals parameter, Reals gradient, Reals mean, Reals variance, Reals maximum, long n, Adam form) {
        Factors f = Factors.of(form);
        for (long i = 0; i < n; i++) {
            double p = parameter.get(i);
            double g = f.scale * gradient.get(i) + f.coupled * p;
            double m = f.beta1 * mean.get(i) + (1 - f.beta1) * g;
            double v = f.beta2 * variance.get(i) + (1 - f.beta2) * (g * g);
            mean.put(i, m);
            variance.put(i, v);
            double u = v;
            if (maximum != null) {
                u = Math.max(maximum.get(i), v);
                maximum.put(i, u);
            }
            parameter.put(i, p * f.shrink - f.size * m / (Math.sqrt(u) * f.correction + f.epsilon));
        }
    }

    /// float32, by vectors where there are any.
    public static void forward(
            MemorySegment parameter,
            MemorySegment gradient,
            MemorySegment mean,
            MemorySegment variance,
            MemorySegment maximum,
            int n,
            Adam form) {
        Factors f = Factors.of(form);
        int done = 0;
        if (Lanes.available()) {
            done = maximum == null
                    ? Simd.step(parameter, gradient, mean, variance, n, f)
                    : Simd.stepMaximum(parameter, gradient, mean, variance, maximum, n, f);
        }
        scalar(parameter, gradient, mean, variance, maximum, done, n, f);
    }

    private static void scalar(
            MemorySegment parameter,
            MemorySegment gradient,
            MemorySegment mean,
            MemorySegment variance,
            MemorySegment maximum,
            long from,
            long to,
            Factors f) {
        for (long i = from; i < to; i++) {
            float p = parameter.getAtIndex(JAVA_FLOAT, i);
            float g = (float) f.scale * gradient.getAtIndex(JAVA_FLOAT, i) + (float) f.coupled * p;
            float m = (float) f.beta1 * mean.getAtIndex(JAVA_FLOAT, i) + (float) (1 - f.beta1) * g;
            float v = (float) f.beta2 * variance.getAtIndex(JAVA_FLOAT, i) + (float) (1 - f.beta2) * (g * g);
            mean.setAtIndex(JAVA_FLOAT, i, m);
            variance.setAtIndex(JAVA_FLOAT, i, v);
            float u = v;
            if (maximum != null) {
                u = Math.max(maximum.getAtIndex(JAVA_FLOAT, i), v);
                maximum.setAtIndex(JAVA_FLOAT, i, u);
            }
            float divisor = (float) Math.sqrt(u) * (float) f.correction + (float) f.epsilon;
            parameter.setAtIndex(JAVA_FLOAT, i, p * (float) f.shrink - (float) f.size * m / divisor);
        }
    }

    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        private static FloatVector load(MemorySegment segment, long at) {
            return FloatVector.fromMemorySegment(Species.F32, segment, at, ORDER);
        }

        private static FloatVector moved(FloatVector p, FloatVector m, FloatVector u, Factors f) {
            FloatVector divisor = u.sqrt().mul((float) f.correction).add((float) f.epsilon);
            return p.mul((float) f.shrink).sub(m.mul((float) f.size).div(divisor));
        }

        static int step(
                MemorySegment parameters,
                MemorySegment gradients,
                MemorySegment means,
                MemorySegment variances,
                int n,
                Factors f) {
            MemorySegment parameter = NativeMemory.of(parameters);
            MemorySegment gradient = NativeMemory.of(gradients);
            MemorySegment mean = NativeMemory.of(means);
            MemorySegment variance = NativeMemory.of(variances);
            float scale = (float) f.scale;
            float coupled = (float) f.coupled;
            float beta1 = (float) f.beta1;
            float beta2 = (float) f.beta2;
            float rest1 = (float) (1 - f.beta1);
            float rest2 = (float) (1 - f.beta2);
            int i = 0;
            for (; i <= n - LANES; i += LANES) {
                FloatVector p = load(parameter, 4L * i);
                FloatVector g = load(gradient, 4L * i).mul(scale).add(p.mul(coupled));
                FloatVector m = load(mean, 4L * i).mul(beta1).add(g.mul(rest1));
                FloatVector v = load(variance, 4L * i).mul(beta2).add(g.mul(g).mul(rest2));
                m.intoMemorySegment(mean, 4L * i, ORDER);
                v.intoMemorySegment(variance, 4L * i, ORDER);
                moved(p, m, v, f).intoMemorySegment(parameter, 4L * i, ORDER);
            }
            return i;
        }

        static int stepMaximum(
                MemorySegment parameters,
                MemorySegment gradients,
                MemorySegment means,
                MemorySegment variances,
                MemorySegment maxima,
                int n,
                Factors f) {
            MemorySegment parameter = NativeMemory.of(parameters);
            MemorySegment gradient = NativeMemory.of(gradients);
            MemorySegment mean = NativeMemory.of(means);
            MemorySegment variance = NativeMemory.of(variances);
            MemorySegment maximum = NativeMemory.of(maxima);
            float scale = (float) f.scale;
            float coupled = (float) f.coupled;
            float beta1 = (float) f.beta1;
            float beta2 = (float) f.beta2;
            float rest1 = (float) (1 - f.beta1);
            float rest2 = (float) (1 - f.beta2);
            int i = 0;
            for (; i <= n - LANES; i += LANES) {
                FloatVector p = load(parameter, 4L * i);
                FloatVector g = load(gradient, 4L * i).mul(scale).add(p.mul(coupled));
                FloatVector m = load(mean, 4L * i).mul(beta1).add(g.mul(rest1));
                FloatVector v = load(variance, 4L * i).mul(beta2).add(g.mul(g).mul(rest2));
                FloatVector u = load(maximum, 4L * i).max(v);
                m.intoMemorySegment(mean, 4L * i, ORDER);
                v.intoMemorySegment(variance, 4L * i, ORDER);
                u.intoMemorySegment(maximum, 4L * i, ORDER);
                moved(p, m, u, f).intoMemorySegment(parameter, 4L * i, ORDER);
            }
            return i;
        }
    }
}
