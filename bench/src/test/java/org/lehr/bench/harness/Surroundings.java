package org.lehr.bench.harness;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The environment and the virtual machine's flags of a measuring process.
enum Surroundings {
    /// Lehr as its launcher starts it: the flags of this process, whatever was added to them included.
    OWN,
    /// What the peer is fastest with.
    TUNED_PEER,
    /// A plain virtual machine and no environment variable set.
    AS_SHIPPED;

    /// Waiting threads sleep instead of taking the core from another pool's; freed blocks are kept.
    private static final Map<String, String> TUNED = Map.of(
            "OMP_WAIT_POLICY",
            "passive",
            "GLIBC_TUNABLES",
            "glibc.malloc.arena_max=1:glibc.malloc.mmap_max=0:glibc.malloc.trim_threshold=68719476736"
                    + ":glibc.malloc.top_pad=268435456");

    private static final List<String> PLAIN =
            List.of("--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");
    private static final List<String> MEASURED = List.of("-XX:+UseSerialGC", "-XX:Tier3DelayOn=1000000", "-Xmx4g");
    private static final List<String> PEER_SETTINGS =
            List.of("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "DNNL_", "ONEDNN_", "ATEN_", "GLIBC_TUNABLES");

    static String tunedText() {
        return "OMP_WAIT_POLICY=passive, GLIBC_TUNABLES=" + TUNED.get("GLIBC_TUNABLES");
    }

    List<String> flags() {
        return switch (this) {
            case OWN -> List.copyOf(ManagementFactory.getRuntimeMXBean().getInputArguments());
            case TUNED_PEER -> join(PLAIN, MEASURED, List.of("-Dorg.bytedeco.javacpp.nopointergc=true"));
            case AS_SHIPPED -> join(PLAIN, List.of("-Xmx4g"));
        };
    }

    /// @param coreType the value of `OPENBLAS_CORETYPE` for the tuned peer, empty for none
    void set(Map<String, String> environment, int threads, boolean all, String coreType) {
        if (this == OWN) {
            return;
        }
        environment.keySet().removeIf(name -> PEER_SETTINGS.stream().anyMatch(name::startsWith));
        if (this == TUNED_PEER) {
            environment.putAll(TUNED);
            if (!coreType.isEmpty()) {
                environment.put("OPENBLAS_CORETYPE", coreType);
            }
        }
        if (this == TUNED_PEER || !all) {
            environment.put("OMP_NUM_THREADS", Integer.toString(threads));
            environment.put("OPENBLAS_NUM_THREADS", Integer.toString(threads));
        }
    }

    @SafeVarargs
    private static List<String> join(List<String>... lists) {
        List<String> all = new ArrayList<>();
        for (List<String> list : lists) {
            all.addAll(list);
        }
        return all;
    }
}
