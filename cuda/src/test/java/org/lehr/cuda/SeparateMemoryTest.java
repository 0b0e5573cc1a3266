package org.lehr.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.lehr.cuda.ptx.PtxFault;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

class SeparateMemoryTest {

    private final SeparateMemory memory = new SeparateMemory(new PtxAccelerator(1 << 20));
    private final Backend backend = new CudaBackend(new Driver(() -> new Runtime(memory.accelerator(), memory)));

    private static PtxFault.Kind faultOf(Executable call) {
        IllegalStateException e = assertThrows(IllegalStateException.class, call);
        return assertInstanceOf(PtxFault.class, e.getCause()).kind();
    }

    /// A pool's block would have room for 16 of them.
    @Test
    void findsAWriteOneElementBeyondAnArray() {
        Storage storage = backend.allocate(4 * 5, "five");
        backend.pointwise().fill(View.rowMajor(storage, DType.FLOAT32, 5), 1);
        View beyond = View.rowMajor(storage, DType.FLOAT32, 6);
        assertEquals(
                PtxFault.Kind.OUT_OF_BOUNDS, faultOf(() -> backend.pointwise().fill(beyond, 1)));
    }

    @Test
    void findsAReadOfWhatAnotherLeft() {
        Storage first = backend.allocate(4 * 5, "first");
        backend.pointwise().fill(View.rowMajor(first, DType.FLOAT32, 5), 1);
        first.release();
        View second = View.rowMajor(backend.allocate(4 * 5, "second"), DType.FLOAT32, 5);
        View copy = View.rowMajor(backend.allocate(4 * 5, "copy"), DType.FLOAT32, 5);
        assertEquals(PtxFault.Kind.UNWRITTEN, faultOf(() -> backend.pointwise().copy(copy, second)));
    }

    @Test
    void findsAUseAfterItsEnd() {
        View view = View.rowMajor(backend.allocate(4 * 5, "five"), DType.FLOAT32, 5);
        memory.freeAll();
        assertEquals(
                PtxFault.Kind.USE_AFTER_FREE, faultOf(() -> backend.pointwise().fill(view, 1)));
    }
}
