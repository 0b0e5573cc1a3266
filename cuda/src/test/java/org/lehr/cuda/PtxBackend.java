package org.lehr.cuda;

/// The kernels of the device on the machine that interprets their PTX, as the device `ptx`.
public final class PtxBackend extends CudaBackend {

    private static final long MEMORY = 1L << 30;

    /// As `ServiceLoader` needs it.
    public PtxBackend() {
        super(new Driver(() -> new Runtime(new PtxAccelerator(MEMORY))));
    }

    @Override
    public String name() {
        return "ptx";
    }
}
