package org.lehr.cuda.ptx;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// A device in software: runs PTX as its instruction set defines it, thread by thread, and stops where a kernel does
/// what it must not.
///
/// It finds accesses out of bounds, after freeing or misaligned, reads of what nobody wrote, races within and between
/// blocks, barriers that not all threads reach, exchange with lanes that are not there, and kernels that do not end.
/// Blocks run one after the other in the order of their numbers.
public final class PtxMachine {

    private static final long STEP_LIMIT = 1L << 26;

    private final GlobalMemory memory;
    private final History history = new History();
    private final long stepLimit;
    private long steps;

    /// @param memoryLimit bytes that may be allocated
    public PtxMachine(long memoryLimit) {
        this(memoryLimit, STEP_LIMIT);
    }

    /// @param stepLimit how many steps a warp may take in one launch
    public PtxMachine(long memoryLimit, long stepLimit) {
        this.memory = new GlobalMemory(memoryLimit);
        this.stepLimit = stepLimit;
    }

    public GlobalMemory memory() {
        return memory;
    }

    /// Steps of all threads so far.
    public long steps() {
        return steps;
    }

    /// Gives the variables of a file their places.
    ///
    /// @param file name for messages
    /// @throws PtxSyntaxException with the line that is no PTX
    public PtxModule load(String file, String text) {
        ModuleText module = PtxParser.parse(file, text);
        Map<String, Long> addresses = new HashMap<>();
        for (Variable variable : module.variables().values()) {
            if (!variable.space().equals("shared")) {
                addresses.put(variable.name(), place(variable));
            }
        }
        return new PtxModule(module, addresses);
    }

    /// Variables are zero where they have no first value.
    private long place(Variable variable) {
        long address = memory.allocate(
                variable.name(), variable.size(), variable.space().equals("const"));
        byte[] initial = variable.initial() == null ? new byte[0] : variable.initial();
        byte[] bytes = Arrays.copyOf(initial, variable.size());
        memory.copyIn(address, MemorySegment.ofArray(bytes));
        return address;
    }

    /// Runs a kernel to its end.
    ///
    /// @throws PtxFault where it does what it must not
    public void launch(Program program, Extent blocks, Extent threads, int shared, byte[] parameters) {
        if (parameters.length < program.parameters()) {
            throw new IllegalArgumentException(program.kernel() + " takes " + program.parameters()
                    + " bytes of parameters, it was given " + parameters.length);
        }
        if (!history.launch()) {
            memory.forget();
            history.forget();
        }
        Block block = new Block(new Launch(program, blocks, threads, shared, parameters, memory, history, stepLimit));
        try {
            for (int number = 0; number < blocks.count(); number++) {
                block.run(number);
            }
        } finally {
            steps += block.count();
        }
    }
}
