package org.lehr.bench.harness;

import org.bytedeco.javacpp.Loader;

/// Where there is a peer to measure.
final class PeerPlatform {

    private static final String ONLY = "linux-x86_64";

    private PeerPlatform() {}

    /// @throws IllegalStateException where the peers' native parts are not fetched
    static void require() {
        String here = Loader.Detector.getPlatform();
        if (!here.equals(ONLY)) {
            throw new IllegalStateException("there is no peer to measure beside on " + here
                    + ": the native parts of libtorch and OpenBLAS are fetched for " + ONLY + " only");
        }
    }
}
