package org.lehr.engine.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.lehr.engine.tensor.Device;
import org.lehr.kernels.memory.Pool;
import org.lehr.kernels.parallel.Workers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `lehr info`: what this machine offers and what of it is used.
@Command(
        name = "info",
        description = "Show the processor, vector width, JIT, threads, memory limit and devices in use.",
        mixinStandardHelpOptions = true)
final class InfoCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        row(out, "java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        row(out, "threads", Integer.toString(Workers.current().threads()));
        row(out, "memory limit", Sizes.bytes(Pool.host().statistics().limit()));
        for (Device device : Device.all()) {
            row(
                    out,
                    device.name(),
                    device.backend()
                            .unusableBecause()
                            .map(reason -> "not usable: " + reason)
                            .orElseGet(device.backend()::description));
        }
        out.flush();
        return 0;
    }

    private static void row(PrintWriter out, String name, String value) {
        out.printf("%-14s%s%n", name, value);
    }
}
