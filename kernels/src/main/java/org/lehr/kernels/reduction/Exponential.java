package org.lehr.kernels.reduction;

import jdk.incubator.vector.FloatVector;

final class Exponential {
    private Exponential() {}

    static FloatVector exp(FloatVector x) {
        FloatVector magic = FloatVector.broadcast(x.species(), 12582912f);
        FloatVector t = x.fma(FloatVector.broadcast(x.species(), 1.44269504f), magic);
        FloatVector k = t.sub(magic);
        FloatVector r = k.fma(FloatVector.broadcast(x.species(), -0.693359375f), x);
        r = k.fma(FloatVector.broadcast(x.species(), 2.12194440e-4f), r);
        FloatVector p = FloatVector.broadcast(x.species(), 1.9875691500E-4f);
        p = p.fma(r, FloatVector.broadcast(x.species(), 1.3981999507E-3f));
        p = p.fma(r, FloatVector.broadcast(x.species(), 8.3334519073E-3f));
        p = p.fma(r, FloatVector.broadcast(x.species(), 4.1665795894E-2f));
        p = p.fma(r, FloatVector.broadcast(x.species(), 1.6666665459E-1f));
        p = p.fma(r, FloatVector.broadcast(x.species(), 5.0000001201E-1f));
        p = p.fma(r.mul(r), r).add(1f);
        FloatVector scale = t.reinterpretAsInts()
                .lanewise(jdk.incubator.vector.VectorOperators.LSHL, 23)
                .add(127 << 23)
                .reinterpretAsFloats();
        return p.mul(scale).blend(0f, x.compare(jdk.incubator.vector.VectorOperators.LT, -87.3f));
    }
}
