package org.lehr.bench.harness;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.lehr.engine.tensor.Device;

/// What a reader must know to judge the figures.
final class MachineFacts {

    private MachineFacts() {}

    static List<String> of(List<Integer> threads, String coreType) {
        return List.of(
                "Processor: " + Device.cpu().backend().description() + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores visible. Rows are taken with "
                        + threads.stream().map(String::valueOf).collect(Collectors.joining(" and "))
                        + " threads.",
                "Java: " + System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version") + ", "
                        + System.getProperty("java.vm.vendor") + "; "
                        + String.join(" ", Surroundings.OWN.flags()),
                "Peers: libtorch " + version("pytorch") + " with OpenBLAS " + version("openblas")
                        + " (org.bytedeco), eager float32, fused attention, `_fused_adamw_`; the best of oneDNN on and"
                        + " off, OpenBLAS on as many threads or on one, all on one thread; for products also OpenBLAS"
                        + " called directly.",
                "Their settings: OPENBLAS_CORETYPE " + (coreType.isEmpty() ? "unset" : coreType)
                        + " (the fastest of three here), " + Surroundings.tunedText()
                        + ", memory touched beforehand; " + String.join(" ", Surroundings.TUNED_PEER.flags()),
                "As shipped: libtorch in a plain virtual machine with none of these set; for one thread,"
                        + " OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1. DJL and ND4J, in rows of their own, likewise.");
    }

    /// The version in the name of the library's jar on the class path.
    static String version(String library) {
        Matcher jar = Pattern.compile("/" + library + "-(\\d[^/:]*?)(-linux[^/:]*)?\\.jar")
                .matcher(System.getProperty("java.class.path"));
        return jar.find() ? jar.group(1) : "of unknown version";
    }
}
