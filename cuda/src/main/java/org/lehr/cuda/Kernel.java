package org.lehr.cuda;

/// A function that runs in many threads on the [Accelerator] that made it.
interface Kernel {

    /// Its name in the PTX.
    String name();
}
