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
    /// Some of its operations are slower on two threads than on one.
    TORCH_ON_ONE_THREAD("libtorch on 1 thread"),
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
            case TORCH -> torch(threads, threads, true);
            case TORCH_WITHOUT_ONEDNN -> torch(threads, threads, false);
            case TORCH_BLAS_ON_ONE_THREAD -> torch(threads, 1, true);
            case TORCH_ON_ONE_THREAD -> torch(1, 1, true);
        }
    }

    private static void torch(int threads, int blasThreads, boolean oneDnn) {
        torch.set_num_threads(threads);
        torch.globalContext().setUserEnabledMkldnn(oneDnn);
        openblas_nolapack.blas_set_num_threads(blasThreads);
    }
}
