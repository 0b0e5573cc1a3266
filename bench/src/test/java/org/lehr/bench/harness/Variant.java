package org.lehr.bench.harness;

import org.bytedeco.openblas.presets.openblas_nolapack;
import org.bytedeco.pytorch.global.torch;

/// What does a row's work, and with which setting that can be changed while a process runs.
public enum Variant {
    LEHR("Lehr"),
    TORCH("libtorch"),
    TORCH_WITHOUT_ONEDNN("libtorch, oneDNN off"),
    /// Threads over heads, and none inside the small products.
    TORCH_BLAS_ON_ONE_THREAD("libtorch, OpenBLAS on 1 thread"),
    OPENBLAS("OpenBLAS");

    private final String title;

    Variant(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /// Sets this process up for calls of this variant.
    void prepare(int threads) {
        switch (this) {
            case LEHR -> {}
            case OPENBLAS -> openblas_nolapack.blas_set_num_threads(threads);
            case TORCH, TORCH_WITHOUT_ONEDNN, TORCH_BLAS_ON_ONE_THREAD -> {
                torch.set_num_threads(threads);
                torch.globalContext().setUserEnabledMkldnn(this != TORCH_WITHOUT_ONEDNN);
                openblas_nolapack.blas_set_num_threads(this == TORCH_BLAS_ON_ONE_THREAD ? 1 : threads);
            }
        }
    }
}
