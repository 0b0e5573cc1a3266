package org.lehr.kernels.update;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import org.lehr.kernels.UpdateKernels.Sgd;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.lanes.NativeMemory;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.memory.Reals;

/// Stochastic gradient descent with momentum (Polyak 1964; Nesterov 1983 as in Sutskever et al. 2013), in
/// place.
///
/// `g = scale·gradient + λ·p`; `m = μ·m + (1 − dampening)·g`, at step 1 `m = g`;
/// `p = p − η·(nesterov ? g + μ·m : m)`, without momentum `p = p − η·g`.
///
/// `p, gradient, m [n]`, `m` null without momentum. In float32 every operation is one rounded float32
/// operation in the order written, without fused multiply-adds: an element's result depends on nothing but
/// its own numbers.
public final class SgdKernel {

    private SgdKernel() {}

    /// The definition in float64, and the float64 kernel.
    public static void reference(Reals parameter, Reals gradient, Reals momentum, long n, Sgd form) {
        for (long i = 0; i < n; i++) {
            double p = parameter.get(i);
            double g = form.gradientScale() * gradient.get(i) + form.weightDecay() * p;
            double direction = g;
            if (momentum != null) {
                double m = form.step() == 1 ? g : form.momentum() * momentum.get(i) + (1 - form.dampening()) * g;
                momentum.put(i, m);
                direction = form.nesterov() ? g + form.momentum() * m : m;
            }
            parameter.put(i, p - form.rate() * direction);
        }
    }

    /// float32, by vectors where there are any.
    public static void forward(
            MemorySegment parameter, MemorySegment gradient, MemorySegment momentum, int n, Sgd form) {
        int done = 0;
        if (Lanes.available()) {
            done = momentum == null
                    ? Simd.plain(parameter, gradient, n, form)
                    : Simd.withMomentum(parameter, gradient, momentum, n, form);
        }
        float mu = (float) form.momentum();
        float rest = (float) (1 - form.dampening());
        for (long i = done; i < n; i++) {
            float p = parameter.getAtIndex(JAVA_FLOAT, i);
            float g =
                    (float) form.gradientScale() * gradient.getAtIndex(JAVA_FLOAT, i) + (float) form.weightDecay() * p;
            float direction = g;
            if (momentum != null) {
                float m = form.step() == 1 ? g : mu * momentum.getAtIndex(JAVA_FLOAT, i) + rest * g;
                momentum.setAtIndex(JAVA_FLOAT, i, m);
                direction = form.nesterov() ? g + mu * m : m;
            }
            parameter.setAtIndex(JAVA_FLOAT, i, p - (float) form.rate() * direction);
        }
    }

    private static final class Simd {
        private static final int LANES = Species.F32.length();
        private static final ByteOrder ORDER = ByteOrder.nativeOrder();

        private static FloatVector load(MemorySegment segment, long at) {
            return FloatVector.fromMemorySegment(Species.F32, segment, at, ORDER);
        }

        static int plain(MemorySegment parameters, MemorySegment gradients, int n, Sgd form) {
            MemorySegment parameter = NativeMemory.of(parameters);
            MemorySegment gradient = NativeMemory.of(gradients);
            float scale = (float) form.gradientScale();
            float decay = (float) form.weightDecay();
            float rate = (float) form.rate();
            int i = 0;
            for (; i <= n - LANES; i += LANES) {
                FloatVector p = load(parameter, 4L * i);
                FloatVector g = load(gradient, 4L * i).mul(scale).add(p.mul(decay));
                p.sub(g.mul(rate)).intoMemorySegment(parameter, 4L * i, ORDER);
            }
            return i;
        }

        /// The usual form has a loop of its own, without the branches on what the form asks for.
        static int withMomentum(
                MemorySegment parameter, MemorySegment gradient, MemorySegment momentum, int n, Sgd form) {
            return form.step() == 1 || form.nesterov()
                    ? withAny(parameter, gradient, momentum, n, form)
                    : withUsual(parameter, gradient, momentum, n, form);
        }

        private static int withUsual(
                MemorySegment parameters, MemorySegment gradients, MemorySegment momenta, int n, Sgd form) {
            MemorySegment parameter = NativeMemory.of(parameters);
            MemorySegment gradient = NativeMemory.of(gradients);
            MemorySegment momentum = NativeMemory.of(momenta);
            float scale = (float) form.gradientScale();
            float decay = (float) form.weightDecay();
            float rate = (float) form.rate();
            float mu = (float) form.momentum();
            float rest = (float) (1 - form.dampening());
            int i = 0;
            for (; i <= n - LANES; i += LANES) {
                FloatVector p = load(parameter, 4L * i);
                FloatVector g = load(gradient, 4L * i).mul(scale).add(p.mul(decay));
                FloatVector m = load(momentum, 4L * i).mul(mu).add(g.mul(rest));
                m.intoMemorySegment(momentum, 4L * i, ORDER);
                p.sub(m.mul(rate)).intoMemorySegment(parameter, 4L * i, ORDER);
            }
            return i;
        }

        private static int withAny(
                MemorySegment parameters, MemorySegment gradients, MemorySegment momenta, int n, Sgd form) {
            MemorySegment parameter = NativeMemory.of(parameters);
            MemorySegment gradient = NativeMemory.of(gradients);
            MemorySegment momentum = NativeMemory.of(momenta);
            float scale = (float) form.gradientScale();
            float decay = (float) form.weightDecay();
            float rate = (float) form.rate();
            float mu = (float) form.momentum();
            float rest = (float) (1 - form.dampening());
            boolean first = form.step() == 1;
            boolean nesterov = form.nesterov();
            int i = 0;
            for (; i <= n - LANES; i += LANES) {
                FloatVector p = load(parameter, 4L * i);
                FloatVector g = load(gradient, 4L * i).mul(scale).add(p.mul(decay));
                FloatVector m = first ? g : load(momentum, 4L * i).mul(mu).add(g.mul(rest));
                m.intoMemorySegment(momentum, 4L * i, ORDER);
                FloatVector direction = nesterov ? g.add(m.mul(mu)) : m;
                p.sub(direction.mul(rate)).intoMemorySegment(parameter, 4L * i, ORDER);
            }
            return i;
        }
    }
}
