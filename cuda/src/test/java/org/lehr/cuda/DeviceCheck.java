package org.lehr.cuda;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.lehr.engine.tensor.Device;
import org.lehr.kernels.Backend;

/// Runs all cases on the device of this machine beside the processor, each twice, and writes what it finds as JSON.
///
/// It ends with 0 where all agree and repeat themselves, 1 where some do not, and 3 where there is no device.
final class DeviceCheck {

    private static final int DISAGREES = 1;
    private static final int NO_DEVICE = 3;

    private DeviceCheck() {}

    public static void main(String[] arguments) throws IOException {
        System.exit(run(new CudaBackend(), Case.all(), Path.of(arguments[0]), System.out));
    }

    static int run(Backend device, List<Case> cases, Path out, PrintStream log) throws IOException {
        if (device.unusableBecause().isPresent()) {
            log.println("device-check: no device: " + device.unusableBecause().get());
            return NO_DEVICE;
        }
        List<String> disagree = new ArrayList<>();
        List<String> vary = new ArrayList<>();
        for (Case each : cases) {
            try {
                each.compare(Device.cpu().backend(), device);
                if (!repeats(each, device)) {
                    vary.add(each.toString());
                }
            } catch (AssertionError | IllegalStateException | IllegalArgumentException problem) {
                disagree.add(each + ": " + problem.getMessage());
            }
        }
        disagree.forEach(log::println);
        log.println("device-check: " + cases.size() + " calls on " + device.description() + ", " + disagree.size()
                + " disagree with the processor, " + vary.size() + " do not repeat themselves");
        Files.writeString(out, """
                {
                  "device": %s,
                  "calls": %d,
                  "disagree": [%s],
                  "vary": [%s]
                }
                """.formatted(quoted(device.description()), cases.size(), list(disagree), list(vary)));
        return disagree.isEmpty() && vary.isEmpty() ? 0 : DISAGREES;
    }

    private static boolean repeats(Case each, Backend device) {
        List<double[]> first = each.results(device);
        List<double[]> again = each.results(device);
        for (int i = 0; i < first.size(); i++) {
            if (!Arrays.equals(first.get(i), again.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static String list(List<String> texts) {
        return texts.stream().map(DeviceCheck::quoted).collect(Collectors.joining(",\n    "));
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
