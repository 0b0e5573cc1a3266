package org.lehr.kernels.lanes;

import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/// The vector types of all kernels: the only place that chooses a width.
///
/// May only be touched where [Lanes#available] is true.
public final class Species {

    private static final VectorShape FULL = VectorShape.forBitSize(Lanes.bits());
    private static final VectorShape HALF = VectorShape.forBitSize(Lanes.bits() / 2);

    public static final VectorSpecies<Float> F32 = VectorSpecies.of(float.class, FULL);
    public static final VectorSpecies<Double> F64 = VectorSpecies.of(double.class, FULL);
    public static final VectorSpecies<Byte> I8 = VectorSpecies.of(byte.class, FULL);
    public static final VectorSpecies<Short> I16 = VectorSpecies.of(short.class, FULL);
    public static final VectorSpecies<Integer> I32 = VectorSpecies.of(int.class, FULL);
    public static final VectorSpecies<Long> I64 = VectorSpecies.of(long.class, FULL);

    /// Half as wide, with as many lanes as [#F32] and [#I32]: the bits of bfloat16.
    public static final VectorSpecies<Short> I16_HALF = VectorSpecies.of(short.class, HALF);

    /// Half as wide, with as many lanes as [#F64] and [#I64]: float32 on its way to and from float64.
    public static final VectorSpecies<Float> F32_HALF = VectorSpecies.of(float.class, HALF);

    /// Half as wide, with as many lanes as [#F64] and [#I64].
    public static final VectorSpecies<Integer> I32_HALF = VectorSpecies.of(int.class, HALF);

    private Species() {}
}
