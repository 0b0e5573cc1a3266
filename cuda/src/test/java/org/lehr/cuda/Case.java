package org.lehr.cuda;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;

/// One call of the contract, made on two backends with the same arrays.
///
/// @param operation as the table of conformance names it
/// @param what tells this call from others of the operation
/// @param steps how many steps of the dtype the results may differ by, relative to the largest one of an array; 0 for
/// the
///     same bits
record Case(String operation, String what, double steps, Consumer<Scene> call) {

    /// Every case there is.
    static List<Case> all() {
        return Stream.of(
                        PointwiseCases.all(),
                        RowCases.all(),
                        ReductionCases.all(),
                        MatrixCases.all(),
                        SequenceCases.all())
                .flatMap(List::stream)
                .toList();
    }

    /// What the call leaves on a backend.
    List<double[]> results(Backend backend) {
        Scene scene = new Scene(backend, seed());
        call.accept(scene);
        return scene.results();
    }

    private long seed() {
        return (operation + what).hashCode();
    }

    /// Compares the results of two backends.
    ///
    /// @throws AssertionError with the first element that differs by more than is allowed
    void compare(Backend expected, Backend actual) {
        Scene host = new Scene(expected, seed());
        call.accept(host);
        List<double[]> wanted = host.results();
        List<double[]> given = results(actual);
        if (wanted.isEmpty() || wanted.size() != given.size()) {
            throw new AssertionError(this + ": " + given.size() + " results, expected " + wanted.size());
        }
        for (int r = 0; r < wanted.size(); r++) {
            compare(r, host.dtypes().get(r), wanted.get(r), given.get(r));
        }
    }

    private void compare(int result, DType dtype, double[] wanted, double[] given) {
        // Inputs are about 1: what is much smaller is what sums that cancel have left.
        double largest = 0x1p-8;
        for (double x : wanted) {
            largest = Double.isFinite(x) ? Math.max(largest, Math.abs(x)) : largest;
        }
        double allowed = steps * Numbers.step(dtype) * largest;
        for (int i = 0; i < wanted.length; i++) {
            boolean same = Double.compare(wanted[i], given[i]) == 0
                    || wanted[i] == given[i] && steps > 0
                    || Math.abs(wanted[i] - given[i]) <= allowed;
            if (!same) {
                throw new AssertionError(this + ": result " + result + ", element " + i + " of " + wanted.length + ": "
                        + given[i] + ", expected " + wanted[i] + " to within " + allowed);
            }
        }
    }

    @Override
    public String toString() {
        return operation + " " + what;
    }
}
