package org.lehr.kernels.memory;

import java.util.List;

/// How the contents of a [deferred][Storage#deferred] storage are computed when somebody asks for them.
public interface Producer {

    /// One computation, decided upon at the moment it is wanted.
    interface Plan {

        /// The storages that it reads, all with contents; one may be named twice.
        List<Storage> reads();

        /// Allocates and fills the memory. May run on any thread.
        Storage compute();
    }

    /// Says what to compute. No deferred storage gets or loses contents meanwhile.
    Plan plan();
}
