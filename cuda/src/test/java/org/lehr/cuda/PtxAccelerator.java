package org.lehr.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.lehr.cuda.ptx.Extent;
import org.lehr.cuda.ptx.Program;
import org.lehr.cuda.ptx.PtxMachine;
import org.lehr.cuda.ptx.PtxModule;

/// The machine that interprets PTX as what kernels run on: every launch is over, and found right, when it returns.
final class PtxAccelerator implements Accelerator {

    private static final int ARCHITECTURE = 80;

    private record MachineKernel(Program program) implements Kernel {
        @Override
        public String name() {
            return program.kernel();
        }
    }

    private record MachineModule(PtxModule module) implements CompiledModule {
        @Override
        public Kernel kernel(String kernel) {
            return new MachineKernel(module.kernel(kernel));
        }
    }

    private final PtxMachine machine;

    /// @param memory bytes that may be allocated
    PtxAccelerator(long memory) {
        machine = new PtxMachine(memory);
    }

    @Override
    public String description() {
        return "PTX machine, " + (memory() >> 20) + " MiB";
    }

    @Override
    public int architecture() {
        return ARCHITECTURE;
    }

    @Override
    public long memory() {
        return machine.memory().limit();
    }

    @Override
    public long allocate(long bytes) {
        return machine.memory().allocate("an allocation", bytes, false);
    }

    @Override
    public void free(long address) {
        machine.memory().free(address);
    }

    @Override
    public void copyIn(long to, MemorySegment from) {
        machine.memory().copyIn(to, from);
    }

    @Override
    public void copyOut(MemorySegment to, long from) {
        machine.memory().copyOut(to, from);
    }

    @Override
    public void copy(long to, long from, long bytes) {
        machine.memory().copy(to, from, bytes);
    }

    @Override
    public CompiledModule load(String name, String ptx) {
        return new MachineModule(machine.load(name + ".ptx", ptx));
    }

    @Override
    public void launch(Kernel kernel, Grid grid, MemorySegment parameters) {
        if (!(kernel instanceof MachineKernel(Program program))) {
            throw new IllegalArgumentException("the kernel " + kernel.name() + " belongs to another device");
        }
        machine.launch(
                program,
                new Extent(grid.x(), grid.y(), grid.z()),
                new Extent(grid.threads(), 1, 1),
                grid.shared(),
                parameters.toArray(ValueLayout.JAVA_BYTE));
    }

    @Override
    public void synchronize() {
        // Every launch was waited for.
    }
}
