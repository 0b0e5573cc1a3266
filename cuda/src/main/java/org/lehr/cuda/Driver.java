package org.lehr.cuda;

import java.util.Optional;
import java.util.function.Supplier;

/// What the CUDA driver of this machine says about itself, or why there is none. Asked once, at the first question.
final class Driver {

    /// A driver that answers, or the sentence that says why it does not.
    private record Answer(String missing, Runtime runtime) {}

    // Not a method reference: that would load the class, and with it JCuda, before anything can catch the failure.
    private static final Driver OF_THIS_MACHINE = new Driver(() -> new Runtime(new DriverAccelerator()));

    private static final String LIBRARY = "libcuda.so";

    private final Supplier<Runtime> probe;
    private Answer answer;

    /// @param probe makes the device ready; where there is none it throws a `LinkageError` or an
    /// `IllegalStateException`
    ///     that says why
    Driver(Supplier<Runtime> probe) {
        this.probe = probe;
    }

    static Driver ofThisMachine() {
        return OF_THIS_MACHINE;
    }

    /// Why there is no driver, in one sentence; empty when there is one.
    Optional<String> missing() {
        return Optional.ofNullable(answer().missing());
    }

    /// What kernels run on.
    ///
    /// @throws IllegalStateException where there is no driver
    Runtime runtime() {
        Answer found = answer();
        if (found.missing() != null) {
            throw new IllegalStateException("cuda: " + found.missing());
        }
        return found.runtime();
    }

    private synchronized Answer answer() {
        if (answer == null) {
            answer = ask();
        }
        return answer;
    }

    private Answer ask() {
        try {
            return new Answer(null, probe.get());
        } catch (UnsatisfiedLinkError e) {
            return new Answer(unlinked(e), null);
        } catch (LinkageError e) {
            return new Answer("the binding to the NVIDIA driver cannot be loaded: " + oneLine(e), null);
        } catch (IllegalStateException e) {
            return new Answer(oneLine(e), null);
        }
    }

    /// JCuda packs the loader's sentence into a page of stack traces: the line that matters is found in it.
    private static String unlinked(UnsatisfiedLinkError e) {
        String page = String.valueOf(e.getMessage());
        if (page.contains("No resource found")) {
            return "the binding to the NVIDIA driver (jcuda-natives) for this system is not on the class path";
        }
        return page.lines()
                .filter(line -> line.contains(LIBRARY))
                .findFirst()
                .map(line -> "no NVIDIA driver found ("
                        + line.substring(line.indexOf(LIBRARY)).strip() + ")")
                .orElseGet(() -> "the binding to the NVIDIA driver cannot be loaded: " + oneLine(e));
    }

    private static String oneLine(Throwable e) {
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.strip().lines().findFirst().orElse("");
    }
}
