package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.DeviceMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.MemoryExhaustedException;
import org.lehr.kernels.pointwise.FloorDivide;

/// What cannot be done is said, and nothing is written.
class RefusalsTest {

    private final Device ptx = Device.of("ptx");
    private final Backend backend = ptx.backend();
    private final Scene scene = new Scene(backend, 1);

    @Test
    void namesTheFirstIndexOutOfRange() {
        View out = scene.result(scene.dense(DType.FLOAT32, new double[6], 3, 2));
        View table = scene.input(DType.FLOAT32, 4, 2);
        View indices = scene.dense(DType.INT64, new double[] {0, 4, -1}, 3);
        IndexOutOfBoundsException e = assertThrows(
                IndexOutOfBoundsException.class, () -> backend.indexing().selectRows(out, table, indices));
        assertEquals("selectRows: index 1 of 3 is 4, expected at least 0 and less than 4", e.getMessage());
        assertEquals(0, scene.results().getFirst()[0]);
    }

    @Test
    void dividesNoIntegerByZero() {
        View a = scene.input(DType.INT32, 3);
        View zero = scene.dense(DType.INT32, new double[] {1, 2, 0}, 3);
        View out = scene.output(DType.INT32, 3);
        ArithmeticException e = assertThrows(
                ArithmeticException.class, () -> backend.pointwise().map(FloorDivide.OP, out, a, zero));
        assertEquals("floor_divide: integer divided by zero at element 2", e.getMessage());
    }

    @Test
    void showsTheHostNoMemoryOfTheDevice() {
        Tensor there = Tensor.ones(3).to(ptx);
        assertThrows(IllegalStateException.class, () -> there.storage().segment());
        Tensor here = Tensor.ones(3);
        assertThrows(DeviceMismatchException.class, () -> there.add(here));
    }

    @Test
    void saysWhatHoldsTheMemory() {
        MemoryExhaustedException e =
                assertThrows(MemoryExhaustedException.class, () -> backend.allocate(1L << 40, "everything"));
        assertTrue(e.getMessage().contains("everything"), e.getMessage());
        assertTrue(e.getMessage().endsWith("raise -Dlehr.cuda.memory"), e.getMessage());
    }

    @Test
    void tellsTheLastLaunchesOfADeviceThatFails() {
        Runtime runtime = new Runtime(new PtxAccelerator(1 << 20));
        View x = View.rowMajor(runtime.allocate(64, "x"), DType.FLOAT32, 16);
        new CudaPointwise(runtime).fill(x, 1);
        View beyond = View.rowMajor(x.storage(), DType.FLOAT32, 1 << 14);
        IllegalStateException e =
                assertThrows(IllegalStateException.class, () -> new CudaPointwise(runtime).fill(beyond, 2));
        assertTrue(e.getMessage().endsWith("[fill(float32[16]), fill(float32[16384])]"), e.getMessage());
    }
}
