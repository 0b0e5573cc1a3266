package org.lehr.cuda;

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
import org.lehr.kernels.memory.Storage;

/// The backend for NVIDIA GPUs, found by `ServiceLoader`.
///
/// It looks for the driver when first asked and says what it found; the kernels themselves are not part of this
/// version,
/// so it is never usable, and every family is an `IllegalStateException` with the reason.
public final class CudaBackend implements Backend {
    private final Driver driver;

    public CudaBackend() {
        this(Driver.ofThisMachine());
    }

    CudaBackend(Driver driver) {
        this.driver = driver;
    }

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public Optional<String> unusableBecause() {
        return Optional.of(reason());
    }

    @Override
    public String description() {
        return driver.missing().orElseGet(driver::device);
    }

    @Override
    public Storage allocate(long bytes, String owner) {
        throw unusable("allocate " + bytes + " bytes for " + owner);
    }

    @Override
    public PointwiseKernels pointwise() {
        throw unusable("pointwise");
    }

    @Override
    public ReductionKernels reductions() {
        throw unusable("reductions");
    }

    @Override
    public MatmulKernels matmuls() {
        throw unusable("matmuls");
    }

    @Override
    public NormalizationKernels normalizations() {
        throw unusable("normalizations");
    }

    @Override
    public AttentionKernels attention() {
        throw unusable("attention");
    }

    @Override
    public ConvolutionKernels convolutions() {
        throw unusable("convolutions");
    }

    @Override
    public ScanKernels scans() {
        throw unusable("scans");
    }

    @Override
    public FourierKernels fourier() {
        throw unusable("fourier");
    }

    @Override
    public IndexKernels indexing() {
        throw unusable("indexing");
    }

    @Override
    public LossKernels losses() {
        throw unusable("losses");
    }

    @Override
    public UpdateKernels updates() {
        throw unusable("updates");
    }

    @Override
    public RandomKernels randoms() {
        throw unusable("randoms");
    }

    @Override
    public RationalKernels rationals() {
        throw unusable("rationals");
    }

    private String reason() {
        return driver.missing()
                .orElseGet(
                        () -> "kernels of this backend are not part of this version (found " + driver.device() + ")");
    }

    private IllegalStateException unusable(String wanted) {
        return new IllegalStateException("cuda: " + wanted + ": " + reason());
    }
}
