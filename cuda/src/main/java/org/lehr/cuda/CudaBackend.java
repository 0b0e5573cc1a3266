package org.lehr.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.lehr.kernels.AttentionKernels;
import org.lehr.kernels.Backend;
import org.lehr.kernels.ConvolutionKernels;
import org.lehr.kernels.FourierKernels;
import org.lehr.kernels.IndexKernels;
import org.lehr.kernels.LossKernels;
import org.lehr.kernels.MatmulKernels;
import org.lehr.kernels.NormalizationKernels;
import org.lehr.kernels.PointwiseKernels;
import org.lehr.kernels.RandomKernels;
import org.lehr.kernels.RationalKernels;
import org.lehr.kernels.ReductionKernels;
import org.lehr.kernels.ScanKernels;
import org.lehr.kernels.UpdateKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// The backend for NVIDIA GPUs, found by `ServiceLoader`.
///
/// It looks for the driver when first asked and says what it found. Where there is none, it says so in one sentence,
/// and
/// every family is an `IllegalStateException` with that reason. Memory is limited by the system property
/// `lehr.cuda.memory`: bytes, or a share of what the device has; 90% unless said otherwise.
public class CudaBackend implements Backend {

    private final Driver driver;

    /// As `ServiceLoader` needs it.
    public CudaBackend() {
        this(Driver.ofThisMachine());
    }

    CudaBackend(Driver driver) {
        this.driver = driver;
    }

    @Override
    public String name() {
        return Runtime.DEVICE;
    }

    @Override
    public Optional<String> unusableBecause() {
        return driver.missing();
    }

    @Override
    public String description() {
        return driver.missing().orElseGet(() -> driver.runtime().accelerator().description());
    }

    @Override
    public Storage allocate(long bytes, String owner) {
        return driver.runtime().allocate(bytes, owner);
    }

    @Override
    public void upload(View out, MemorySegment host) {
        long bytes = out.size() * out.dtype().bytes();
        if (bytes > 0) {
            driver.runtime().copyIn(out.storage().address() + out.byteOffset(), host.asSlice(0, bytes));
        }
    }

    @Override
    public void download(MemorySegment host, View in) {
        long bytes = in.size() * in.dtype().bytes();
        if (bytes > 0) {
            driver.runtime().copyOut(host.asSlice(0, bytes), in.storage().address() + in.byteOffset());
        }
    }

    @Override
    public PointwiseKernels pointwise() {
        return new CudaPointwise(driver.runtime());
    }

    @Override
    public ReductionKernels reductions() {
        return new CudaReduction(driver.runtime());
    }

    @Override
    public MatmulKernels matmuls() {
        return new CudaMatmul(driver.runtime());
    }

    @Override
    public NormalizationKernels normalizations() {
        return new CudaNormalization(driver.runtime());
    }

    @Override
    public AttentionKernels attention() {
        return new CudaAttention(driver.runtime());
    }

    @Override
    public ConvolutionKernels convolutions() {
        return new CudaConvolution(driver.runtime());
    }

    @Override
    public ScanKernels scans() {
        return new CudaScan(driver.runtime());
    }

    @Override
    public FourierKernels fourier() {
        return new CudaFourier(driver.runtime());
    }

    @Override
    public IndexKernels indexing() {
        return new CudaIndex(driver.runtime());
    }

    @Override
    public LossKernels losses() {
        return new CudaLoss(driver.runtime());
    }

    @Override
    public UpdateKernels updates() {
        return new CudaUpdate(driver.runtime());
    }

    @Override
    public RandomKernels randoms() {
        return new CudaRandom(driver.runtime());
    }

    @Override
    public RationalKernels rationals() {
        return new CudaRational(driver.runtime());
    }
}
