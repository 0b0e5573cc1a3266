package org.lehr.kernels.cpu;

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
import org.lehr.kernels.attention.CpuAttention;
import org.lehr.kernels.convolution.CpuConvolutions;
import org.lehr.kernels.fourier.CpuFourier;
import org.lehr.kernels.indexing.CpuIndexing;
import org.lehr.kernels.lanes.Lanes;
import org.lehr.kernels.loss.CpuLosses;
import org.lehr.kernels.matmul.CpuMatmuls;
import org.lehr.kernels.memory.ByteSize;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.memory.Storage;
import org.lehr.kernels.normalization.CpuNormalization;
import org.lehr.kernels.parallel.Workers;
import org.lehr.kernels.pointwise.CpuPointwise;
import org.lehr.kernels.random.CpuRandoms;
import org.lehr.kernels.rational.CpuRationals;
import org.lehr.kernels.reduction.CpuReductions;
import org.lehr.kernels.scan.CpuScans;
import org.lehr.kernels.update.CpuUpdates;

/// The processor: vector instructions where the Vector API is there, all cores, memory from [Pool#host].
public final class CpuBackend implements Backend {

    private final NormalizationKernels normalizations = new CpuNormalization();
    private final ConvolutionKernels convolutions = new CpuConvolutions();
    private final IndexKernels indexing = new CpuIndexing();
    private final LossKernels losses = new CpuLosses();
    private final UpdateKernels updates = new CpuUpdates();
    private final AttentionKernels attention = new CpuAttention();
    private final PointwiseKernels pointwise = new CpuPointwise();
    private final RandomKernels randoms = new CpuRandoms();
    private final RationalKernels rationals = new CpuRationals();
    private final ReductionKernels reductions = new CpuReductions();
    private final ScanKernels scans = new CpuScans();
    private final FourierKernels fourier = new CpuFourier();

    private final MatmulKernels matmuls = new CpuMatmuls();

    /// As `ServiceLoader` needs it.
    public CpuBackend() {}

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Optional<String> unusableBecause() {
        return Optional.empty();
    }

    @Override
    public String description() {
        return Processor.model() + "; vectors: " + Lanes.description() + "; threads: "
                + Workers.current().threads() + "; memory limit: "
                + ByteSize.format(Pool.host().statistics().limit()) + "; " + System.getProperty("java.vm.name") + " "
                + System.getProperty("java.vm.version") + " (" + System.getProperty("java.vm.info") + ")";
    }

    @Override
    public Storage allocate(long bytes, String owner) {
        return Pool.host().allocate(bytes, owner);
    }

    @Override
    public Storage allocateForSums(long bytes, String owner) {
        return Pool.host().allocateKnown(bytes, owner);
    }

    @Override
    public PointwiseKernels pointwise() {
        return pointwise;
    }

    @Override
    public ReductionKernels reductions() {
        return reductions;
    }

    @Override
    public MatmulKernels matmuls() {
        return matmuls;
    }

    @Override
    public NormalizationKernels normalizations() {
        return normalizations;
    }

    @Override
    public AttentionKernels attention() {
        return attention;
    }

    @Override
    public ConvolutionKernels convolutions() {
        return convolutions;
    }

    @Override
    public ScanKernels scans() {
        return scans;
    }

    @Override
    public FourierKernels fourier() {
        return fourier;
    }

    @Override
    public IndexKernels indexing() {
        return indexing;
    }

    @Override
    public LossKernels losses() {
        return losses;
    }

    @Override
    public UpdateKernels updates() {
        return updates;
    }

    @Override
    public RandomKernels randoms() {
        return randoms;
    }

    @Override
    public RationalKernels rationals() {
        return rationals;
    }
}
