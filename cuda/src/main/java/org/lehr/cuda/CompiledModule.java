package org.lehr.cuda;

/// The kernels of one file of PTX, ready to run on one [Accelerator].
interface CompiledModule {

    /// The kernel of this name.
    ///
    /// @throws IllegalArgumentException where there is none
    Kernel kernel(String name);
}
