package org.lehr.kernels.matmul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.parallel.Workers;

@Tag("widths")
class GroupedMatmulKernelTest {

    private static final long[] RAGGED = {0, 0, 131, 132, 132, 139, 240, 240};

    private final SplittableRandom random = new SplittableRandom(20261121);

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void eachGroupHasItsMatrix(DType dtype) {
        View offsets = offsets(RAGGED);
        View a = fresh(dtype, 240, 37);
        View b = fresh(dtype, 7, 37, 83);
        for (boolean accumulate : new boolean[] {false, true}) {
            View c = fresh(dtype, 240, 83);
            View wanted = copy(c);
            GroupedMatmulKernel.reference(wanted, a, b, offsets, accumulate);
            GroupedMatmulKernel.forward(c, a, b, offsets, accumulate);
            assertClose(wanted, c, 37);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DType.class,
            names = {"FLOAT32", "FLOAT64", "BFLOAT16"})
    void bothGradients(DType dtype) {
        View offsets = offsets(RAGGED);
        View a = fresh(dtype, 240, 101);
        View dy = fresh(dtype, 240, 83);
        View turned = new Stack(fresh(dtype, 7, 101, 83)).transposed().view();
        View da = fresh(dtype, 240, 101);
        View wanted = copy(da);
        GroupedMatmulKernel.reference(wanted, dy, turned, offsets, false);
        GroupedMatmulKernel.forward(da, dy, turned, offsets, false);
        assertClose(wanted, da, 83);
        for (boolean accumulate : new boolean[] {false, true}) {
            View db = fresh(dtype, 7, 101, 83);
            View wantedB = copy(db);
            GroupedMatmulKernel.referenceGradient(wantedB, a, dy, offsets, accumulate);
            GroupedMatmulKernel.gradient(db, a, dy, offsets, accumulate);
            assertClose(wantedB, db, 131);
        }
    }

    @Test
    void theSameBitsForAnyNumberOfThreads() {
        View offsets = offsets(RAGGED);
        View a = fresh(DType.FLOAT32, 240, 601);
        View b = fresh(DType.FLOAT32, 7, 601, 67);
        View one = fresh(DType.FLOAT32, 240, 67);
        View five = fresh(DType.FLOAT32, 240, 67);
        Workers.with(1, () -> GroupedMatmulKernel.forward(one, a, b, offsets, false));
        Workers.with(5, () -> GroupedMatmulKernel.forward(five, a, b, offsets, false));
        assertEquals(
                -1,
                one.storage()
                        .segment()
                        .asSlice(0, 240 * 67 * 4)
                        .mismatch(five.storage().segment().asSlice(0, 240 * 67 * 4)));
    }

    @Test
    void offsetsThatDoNotFitAreRefused() {
        View a = fresh(DType.FLOAT32, 5, 3);
        View b = fresh(DType.FLOAT32, 2, 3, 4);
        View c = fresh(DType.FLOAT32, 5, 4);
        for (long[] wrong : new long[][] {{0, 6, 5}, {1, 2, 5}, {0, 2, 4}, {0, 5}}) {
            View offsets = offsets(wrong);
            assertThrows(IllegalArgumentException.class, () -> GroupedMatmulKernel.forward(c, a, b, offsets, false));
        }
    }

    private static void assertClose(View wanted, View got, int k) {
        double unit = switch (got.dtype()) {
            case FLOAT64 -> 0x1p-53;
            case BFLOAT16 -> 0x1p-8;
            default -> 0x1p-24;
        };
        for (long i = 0; i < got.size(); i++) {
            double x = Element.get(wanted.dtype(), wanted.storage().segment(), i);
            double y = Element.get(got.dtype(), got.storage().segment(), i);
            double depth = got.dtype() == DType.BFLOAT16 ? 1 : k;
            assertEquals(x, y, unit * (4 + depth + 4 * Math.abs(x)), "element " + i);
        }
    }

    private static View offsets(long... starts) {
        Storage storage = Pool.host().allocate(8L * starts.length, "test");
        for (int g = 0; g < starts.length; g++) {
            storage.segment().setAtIndex(ValueLayout.JAVA_LONG, g, starts[g]);
        }
        return View.rowMajor(storage, DType.INT64, starts.length);
    }

    private View fresh(DType dtype, long... shape) {
        long size = 1;
        for (long extent : shape) {
            size *= extent;
        }
        Storage storage = Pool.host().allocate(size * dtype.bytes(), "test");
        for (long i = 0; i < size; i++) {
            Element.set(dtype, storage.segment(), i, 2 * random.nextDouble() - 1);
        }
        return View.rowMajor(storage, dtype, shape);
    }

    private static View copy(View view) {
        Storage storage = Pool.host().allocate(view.storage().byteSize(), "test");
        storage.segment().copyFrom(view.storage().segment());
        return View.rowMajor(storage, view.dtype(), view.shape());
    }
}
