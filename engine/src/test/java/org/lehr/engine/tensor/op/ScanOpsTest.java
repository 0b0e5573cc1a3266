package org.lehr.engine.tensor.op;

import static org.lehr.engine.tensor.op.Sample.normal;
import static org.lehr.engine.tensor.op.Sample.normalOf;

import java.util.stream.Stream;
import org.lehr.engine.tensor.DTypeMismatchException;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.SelectiveScan.Inputs;
import org.lehr.kernels.DType;

final class ScanOpsTest implements OpContract {

    private static final Tensor SEQUENCES = Tensor.of(new int[] {4, 4, 1, 1, 1, 0, 0, 0, 0, 4}, 2, 5);

    /// Everything there may be; the rates below zero.
    private static Tensor full(Tensor sequence, Tensor... x) {
        return SelectiveScan.selectiveScan(
                new Inputs(x[0], x[1], x[2].exp().neg(), x[3], x[4], x[5], x[6], x[7], x[8], sequence), true);
    }

    /// The result and the last state in one.
    private static Tensor ends(Inputs inputs, boolean softplus) {
        SelectiveScan.Scanned scanned = SelectiveScan.scan(inputs, softplus);
        return Concat.concat(0, scanned.y().reshape(-1).mul(3), scanned.last().reshape(-1));
    }

    @Override
    public Stream<Sample> samples() {
        return Stream.of(
                Sample.of(
                        "selective_scan with everything",
                        x -> full(SEQUENCES, x),
                        normal(2, 5, 3),
                        normalOf(2, 2, 5, 3),
                        normalOf(3, 3, 2),
                        normalOf(4, 2, 5, 2),
                        normalOf(5, 2, 5, 2),
                        normal(3),
                        normalOf(6, 2, 5, 3),
                        normalOf(7, 3),
                        normalOf(8, 2, 3, 2)),
                Sample.of(
                                "selective_scan, constant and in groups",
                                x -> SelectiveScan.selectiveScan(Inputs.of(x[0], x[1], x[2], x[3], x[4]), false),
                                normal(2, 3, 4),
                                normalOf(2, 2, 3, 4),
                                normalOf(3, 4, 5),
                                normalOf(4, 2, 3, 1, 5),
                                normalOf(5, 5))
                        .edge(normal(0, 3, 4), normal(0, 3, 4), normal(4, 5), normal(0, 3, 1, 5), normal(5))
                        .edge(normal(1, 1, 1), normal(1, 1, 1), normal(1, 1), normal(1, 1, 1, 1), normal(1)),
                Sample.of(
                        "selective_scan in two groups with a last state",
                        x -> ends(new Inputs(x[0], x[1], x[2], x[3], x[4], null, null, null, x[5], null), true),
                        normal(2, 3, 4),
                        normalOf(2, 2, 3, 4),
                        normalOf(3, 4, 5).exp().neg(),
                        normalOf(4, 2, 3, 2, 5),
                        normalOf(5, 2, 3, 2, 5),
                        normalOf(6, 2, 4, 5)),
                Sample.of(
                        "selective_scan of complex states with a last state",
                        x -> ends(new Inputs(x[0], x[1], x[2], x[3], x[4], x[5], null, null, x[6], SEQUENCES), true),
                        normal(2, 5, 3),
                        normalOf(2, 2, 5, 3),
                        normalOf(3, 3, 4, 2),
                        normalOf(4, 2, 5, 4, 2),
                        normalOf(5, 4, 2),
                        normal(3),
                        normalOf(6, 2, 3, 4, 2)),
                Sample.of(
                                "linear_scan of constant rates",
                                x -> LinearScan.linearScan(x[0], x[1], x[2], null),
                                normal(2, 5, 3),
                                normalOf(2, 3),
                                normalOf(3, 2, 3))
                        .edge(normal(0, 5, 3), normal(3), normal(0, 3))
                        .edge(normal(2, 0, 3), normal(3), normal(2, 3))
                        .edge(normal(1, 1, 1), normal(1), normal(1, 1)),
                Sample.of(
                        "linear_scan that starts again",
                        x -> LinearScan.linearScan(x[0], x[1], null, SEQUENCES),
                        normal(2, 5, 3),
                        normalOf(2, 2, 5, 3)),
                Sample.of(
                        "linear_scan of complex numbers",
                        x -> LinearScan.complexScan(x[0], x[1], x[2], SEQUENCES),
                        normal(2, 5, 3, 2),
                        normalOf(2, 2, 5, 3, 2),
                        normalOf(3, 2, 3, 2)),
                Sample.of(
                                "linear_scan large",
                                x -> LinearScan.complexScan(x[0], x[1].tanh().mul(0.7), null, null),
                                normal(3, 139, 67, 2),
                                normalOf(2, 67, 2))
                        .large(),
                Sample.of(
                                "selective_scan large",
                                x -> full(null, x),
                                normal(3, 139, 67),
                                normalOf(2, 3, 139, 67),
                                normalOf(3, 67, 7),
                                normalOf(4, 3, 139, 7),
                                normalOf(5, 3, 139, 7),
                                normal(67),
                                normalOf(6, 3, 139, 67),
                                normalOf(7, 67),
                                normalOf(8, 3, 67, 7))
                        .large());
    }

    private static Refusal refusal(Class<? extends Exception> type, Inputs inputs, String... fragments) {
        return Refusal.of(type, () -> SelectiveScan.selectiveScan(inputs, true), fragments);
    }

    @Override
    public Stream<Refusal> refusals() {
        Tensor u = normal(2, 5, 6);
        Tensor a = normal(6, 3);
        Tensor b = normal(2, 5, 3);
        return Stream.of(
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> LinearScan.linearScan(u, normal(5), null, null),
                        "linear_scan",
                        "[2, 5, 6]",
                        "[5]"),
                Refusal.of(
                        ShapeMismatchException.class,
                        () -> LinearScan.complexScan(u, normal(6, 2), null, null),
                        "[c, 2]",
                        "[2, 5, 6], [6, 2]"),
                Refusal.of(
                        DTypeMismatchException.class,
                        () -> LinearScan.linearScan(u, normal(6), null, normal(2, 5)),
                        "linear_scan",
                        "float64 and float64"),
                refusal(
                        ShapeMismatchException.class,
                        Inputs.of(u, normal(2, 5, 1), a, b, b),
                        "selective_scan",
                        "delta",
                        "[2, 5, 1]"),
                refusal(ShapeMismatchException.class, Inputs.of(u, u, normal(5, 3), b, b), "A must be", "[5, 3]"),
                refusal(ShapeMismatchException.class, Inputs.of(u, u, a, normal(2, 5, 2), b), "[2, 5, 2]"),
                refusal(ShapeMismatchException.class, Inputs.of(u, u, a, normal(2, 5, 4, 3), b), "[2, 5, 4, 3]"),
                refusal(ShapeMismatchException.class, Inputs.of(u, u, a, normal(2, 5, 2, 3), b), "groups"),
                refusal(
                        ShapeMismatchException.class,
                        new Inputs(u, u, a, b, b, normal(5), null, null, null, null),
                        "D must be [6]",
                        "[5]"),
                refusal(
                        ShapeMismatchException.class,
                        new Inputs(u, u, a, b, b, null, null, null, normal(2, 6, 4), null),
                        "initial state must be [2, 6, 3]",
                        "[2, 6, 4]"),
                refusal(
                        DTypeMismatchException.class,
                        Inputs.of(u, u.to(DType.FLOAT32), a, b, b),
                        "selective_scan",
                        "float32"),
                refusal(
                        DTypeMismatchException.class,
                        new Inputs(u, u, a, b, b, null, null, null, null, normal(2, 5)),
                        "sequence",
                        "float64"));
    }
}
