package org.lehr.kernels.matmul;

import org.lehr.kernels.MatmulKernels;
import org.lehr.kernels.View;

/// Matrix products on the CPU.
public final class CpuMatmuls implements MatmulKernels {

    /// As `CpuBackend` needs it.
    public CpuMatmuls() {}

    @Override
    public void matmul(View c, View a, View b, boolean accumulate, Epilogue epilogue) {
        MatmulKernel.forward(c, a, b, accumulate, epilogue);
    }

    @Override
    public void ternaryMatmul(View c, View a, View packed, boolean transposed) {
        TernaryKernel.forward(c, a, packed, transposed);
    }

    @Override
    public void groupedMatmul(View c, View a, View b, View offsets, boolean accumulate) {
        GroupedMatmulKernel.forward(c, a, b, offsets, accumulate);
    }

    @Override
    public void groupedGradient(View c, View a, View b, View offsets, boolean accumulate) {
        GroupedMatmulKernel.gradient(c, a, b, offsets, accumulate);
    }
}
