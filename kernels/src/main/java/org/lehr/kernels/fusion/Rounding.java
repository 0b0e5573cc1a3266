package org.lehr.kernels.fusion;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.lehr.kernels.DType;
import org.lehr.kernels.convert.Bfloat16Kernel;
import org.lehr.kernels.lanes.Species;
import org.lehr.kernels.pointwise.UnaryLanes;
import org.lehr.kernels.pointwise.UnaryOp;

/// What a value becomes when it is stored in a dtype and read back, so that a value that never reaches memory is the
/// same as one that does.
final class Rounding {

    private Rounding() {}

    /// For values in float32 lanes; null where nothing changes. To bool only `converted` values are brought:
    /// what an operation gives as bool is 0 or 1 already.
    static UnaryLanes lanes(DType type, boolean converted) {
        return switch (type) {
            case BFLOAT16 -> new Bfloat16Lanes();
            case BOOL -> converted ? new BoolLanes() : null;
            default -> null;
        };
    }

    /// The same for values in float64.
    static UnaryOp doubles(DType type, boolean converted) {
        return switch (type) {
            case FLOAT32 -> new ToFloat32();
            case BFLOAT16 -> new ToBfloat16();
            case BOOL -> converted ? new ToBool() : null;
            default -> null;
        };
    }

    /// See [Bfloat16Kernel]; the bits come back in the upper half.
    private static final class Bfloat16Lanes implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            IntVector bits = x.reinterpretAsInts();
            IntVector odd = bits.lanewise(VectorOperators.LSHR, 16).and(1);
            IntVector rounded = bits.add(odd).add(0x7fff).and(0xffff0000);
            IntVector quiet = bits.and(0x80000000).or(0x7fc00000);
            return rounded.blend(quiet, bits.and(0x7fffffff).compare(VectorOperators.GT, 0x7f800000))
                    .reinterpretAsFloats();
        }
    }

    private static final class BoolLanes implements UnaryLanes {

        @Override
        public FloatVector apply(FloatVector x) {
            return FloatVector.zero(Species.F32).blend(1, x.compare(VectorOperators.NE, 0));
        }
    }

    private record ToFloat32() implements UnaryOp {

        @Override
        public String name() {
            return "to_float32";
        }

        @Override
        public double apply(double x) {
            return (float) x;
        }
    }

    private record ToBfloat16() implements UnaryOp {

        @Override
        public String name() {
            return "to_bfloat16";
        }

        @Override
        public double apply(double x) {
            return Bfloat16Kernel.toFloat(Bfloat16Kernel.fromFloat((float) x));
        }
    }

    private record ToBool() implements UnaryOp {

        @Override
        public String name() {
            return "to_bool";
        }

        @Override
        public double apply(double x) {
            return x != 0 ? 1 : 0;
        }
    }
}
