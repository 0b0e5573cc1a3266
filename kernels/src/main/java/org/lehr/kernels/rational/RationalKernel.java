package org.lehr.kernels.rational;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

/// `y = P(x)/Q(x)`, `Q = 1 + |S|`, per group of features, and its gradients:
/// `dF/dx = P′/Q − P·sign(S)·S′/Q²`, `dF/da[i] = xⁱ/Q`, `dF/db[j] = −P·sign(S)·xʲ/Q²`.
///
/// The gradients of the coefficients are sums over all rows. They are taken for blocks of rows, a group at a time with
/// the sums in registers, and the blocks' sums are added in order: nothing is scattered, and rounding grows with the
/// length of a block and not of the whole (Raffel, Chen 2025).
final class RationalKernel {

    /// Rows of a block.
    private static final int ROWS = 32;

    private final View view;
    private final Reals x;
    private final Reals a;
    private final Reals b;
    private final long rows;
    private final long width;
    private final int groups;
    private final int share;
    private final int numerator;
    private final int denominator;

    RationalKernel(View x, View a, View b) {
        this.view = x;
        this.x = Reals.of(x);
        this.a = Reals.of(a);
        this.b = Reals.of(b);
        this.rows = x.shape()[0];
        this.width = x.shape()[1];
        this.groups = Math.toIntExact(a.shape()[0]);
        this.share = Math.toIntExact(width / groups);
        this.numerator = Math.toIntExact(a.shape()[1]);
        this.denominator = Math.toIntExact(b.shape()[1]);
    }

    /// Whether the kernel for vectors has code for these degrees.
    private boolean suits() {
        return Lanes.available()
                && view.dtype() == DType.FLOAT32
                && numerator == RationalLanes.NUMERATOR
                && denominator == RationalLanes.DENOMINATOR;
    }

    void forward(View y) {
        Reals out = Reals.of(y);
        Workers.current().forRange(rows, ROWS, (from, to) -> {
            for (int g = 0; g < groups; g++) {
                if (suits()) {
                    RationalLanes.forward(out.segment(), x.segment(), coefficients(g), area(g, from, to));
                } else {
                    reference(out, g, from, to);
                }
            }
        });
    }

    void backward(View dx, View da, View db, View dy) {
        Reals out = Reals.of(dx);
        Reals slope = Reals.of(dy);
        int terms = numerator + denominator;
        long blocks = Math.ceilDiv(rows, (long) ROWS);
        Storage memory = Pool.host().allocate(Math.max(1, blocks * groups * terms) * Double.BYTES, "rational: sums");
        try {
            MemorySegment sums = memory.segment();
            Workers.current().forRange(rows, ROWS, (from, to) -> {
                for (int g = 0; g < groups; g++) {
                    double[] sum = new double[terms];
                    if (suits()) {
                        RationalLanes.backward(
                                out.segment(), slope.segment(), x.segment(), coefficients(g), area(g, from, to), sum);
                    } else {
                        referenceBackward(out, slope, g, from, to, sum);
                    }
                    for (int k = 0; k < terms; k++) {
                        sums.setAtIndex(JAVA_DOUBLE, (from / ROWS * groups + g) * terms + k, sum[k]);
                    }
                }
            });
            collect(sums, blocks, Reals.of(da), Reals.of(db));
        } finally {
            memory.release();
        }
    }

    private void collect(MemorySegment sums, long blocks, Reals da, Reals db) {
        int terms = numerator + denominator;
        for (int g = 0; g < groups; g++) {
            for (int k = 0; k < terms; k++) {
                double sum = 0;
                for (long block = 0; block < blocks; block++) {
                    sum += sums.getAtIndex(JAVA_DOUBLE, (block * groups + g) * terms + k);
                }
                if (k < numerator) {
                    da.put((long) g * numerator + k, sum);
                } else {
                    db.put((long) g * denominator + k - numerator, sum);
                }
            }
        }
    }

    /// The coefficients of a group, those of the numerator first.
    private float[] coefficients(int g) {
        float[] all = new float[numerator + denominator];
        for (int k = 0; k < numerator; k++) {
            all[k] = (float) a.get((long) g * numerator + k);
        }
        for (int k = 0; k < denominator; k++) {
            all[numerator + k] = (float) b.get((long) g * denominator + k);
        }
        return all;
    }

    private RationalLanes.Area area(int g, long from, long to) {
        return new RationalLanes.Area(from, to, width, (long) g * share, share);
    }

    /// The definition, for one group.
    private void reference(Reals y, int g, long from, long to) {
        for (long r = from; r < to; r++) {
            for (long i = r * width + (long) g * share; i < r * width + (g + 1L) * share; i++) {
                y.put(i, polynomial(a, g, numerator, x.get(i)) / (1 + Math.abs(inner(g, x.get(i)))));
            }
        }
    }

    /// The definition of the gradient, for one group.
    private void referenceBackward(Reals dx, Reals dy, int g, long from, long to, double[] sum) {
        for (long r = from; r < to; r++) {
            for (long i = r * width + (long) g * share; i < r * width + (g + 1L) * share; i++) {
                double at = x.get(i);
                double top = polynomial(a, g, numerator, at);
                double bottom = 1 + Math.abs(inner(g, at));
                double turned = -top * Math.signum(inner(g, at)) / (bottom * bottom);
                double slope = dy.get(i);
                dx.put(
                        i,
                        slope
                                * (derivative(a, g, numerator, 0, at) / bottom
                                        + turned * derivative(b, g, denominator, 1, at)));
                double power = 1;
                for (int k = 0; k < numerator; k++) {
                    sum[k] += slope * power / bottom;
                    power *= at;
                }
                power = at;
                for (int k = 0; k < denominator; k++) {
                    sum[numerator + k] += slope * turned * power;
                    power *= at;
                }
            }
        }
    }

    /// The polynomial inside the absolute value.
    private double inner(int g, double at) {
        return at * polynomial(b, g, denominator, at);
    }

    private static double polynomial(Reals c, int g, int count, double at) {
        double value = 0;
        for (int k = count - 1; k >= 0; k--) {
            value = value * at + c.get((long) g * count + k);
        }
        return value;
    }

    /// `Σ (k + lift)·c[k]·at^(k + lift − 1)`
    private static double derivative(Reals c, int g, int count, int lift, double at) {
        double value = 0;
        for (int k = count - 1; k >= 1 - lift; k--) {
            value = value * at + (k + lift) * c.get((long) g * count + k);
        }
        return value;
    }
}
