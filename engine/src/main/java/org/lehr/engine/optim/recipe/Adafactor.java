package org.lehr.engine.optim.recipe;

import java.util.List;
import java.util.stream.IntStream;
import org.lehr.engine.optim.ChainRecipe;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Norms;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Rsqrt;

/// Adafactor (Shazeer, Stern 2018): the running square of a matrix is kept as the means of its rows and columns.
/// With `β₂ₜ = 1 − t^decay`, `u = g/√v̂` is made at most `clip` long on average, and with `relative` the rate is
/// `max(ε₂, RMS(p))·min(rate, 1/√t)`. State: for a matrix a number for each row and column, for others one tensor;
/// with momentum one tensor more.
///
/// @param rate learning rate; with `relative` its largest value
/// @param relative whether the rate follows the size of the parameter and the step, as in the paper
/// @param decay exponent of the decay of the running square
/// @param epsilon added to the squared gradient
/// @param least ε₂, the smallest size of a parameter that counts
/// @param clip largest root mean square of an update
/// @param momentum β₁; whether there is momentum at all is decided by its value at step 0
/// @param weightDecay decoupled
public record Adafactor(
        @Default("0.01") Schedule rate,
        @Default("true") boolean relative,
        @Default("-0.8") double decay,
        @Default("1e-30") double epsilon,
        @Default("1e-3") double least,
        @Default("1") double clip,
        @Default("0") Schedule momentum,
        @Default("0") Schedule weightDecay)
        implements ChainRecipe {

    private static final String ROWS = "exp_avg_sq_row";
    private static final String COLUMNS = "exp_avg_sq_col";
    private static final String SQUARE = "exp_avg_sq";
    private static final String MEAN = "exp_avg";

    public Adafactor {
        if (!(decay < 0)) {
            throw new IllegalArgumentException("adafactor: the exponent of the decay must be below 0, got " + decay);
        }
    }

    @Override
    public List<Transform> chain() {
        Rule factored = Rule.ofUpdate(
                this::direction,
                Slot.of(ROWS, p -> Tensor.full(0, p.device(), p.dtype(), means(p, 1))),
                Slot.of(COLUMNS, p -> Tensor.full(0, p.device(), p.dtype(), means(p, 2))),
                Slot.of(SQUARE, p -> p.rank() < 2 ? p.fullLike(0) : Tensor.full(0, p.device(), p.dtype(), 0)));
        Rule scaled = Rule.ofUpdate(this::scaled);
        Rule mean = Rule.of(this::moved, Slot.mean(MEAN));
        Transform shrunk = Rule.ofUpdate(this::shrunk);
        return momentum.at(0) > 0 ? List.of(factored, scaled, mean, shrunk) : List.of(factored, scaled, shrunk);
    }

    /// The shape without its `last`-last dimension; nothing for vectors.
    private static long[] means(Tensor p, int last) {
        if (p.rank() < 2) {
            return new long[] {0};
        }
        return IntStream.range(0, p.rank())
                .filter(d -> d != p.rank() - last)
                .mapToLong(p::extent)
                .toArray();
    }

    private Update direction(Update update, Cell cell) {
        double b2 = 1 - StrictMath.pow(cell.step(), decay);
        Tensor g = update.tensor();
        Tensor square = g.square().add(epsilon);
        if (g.rank() < 2) {
            Tensor v = cell.set(SQUARE, cell.get(SQUARE).mul(b2).add(square.mul(1 - b2)));
            return clipped(g.div(v.sqrt()));
        }
        Tensor rows = cell.set(ROWS, cell.get(ROWS).mul(b2).add(square.mean(-1).mul(1 - b2)));
        Tensor columns =
                cell.set(COLUMNS, cell.get(COLUMNS).mul(b2).add(square.mean(-2).mul(1 - b2)));
        // g/√(R·C/mean R), one factor after the other: their product would leave the range of float32.
        Tensor byRow = Rsqrt.rsqrt(rows.div(rows.mean(true, -1))).unsqueeze(-1);
        return clipped(g.mul(byRow).mul(Rsqrt.rsqrt(columns).unsqueeze(-2)));
    }

    private Update clipped(Tensor u) {
        return Update.of(u).over(Math.max(1, Norms.meanSquare(u) / clip));
    }

    private double size(Cell cell) {
        double given = cell.amount("adafactor: the rate", rate);
        return cell.group().rateFactor()
                * (relative
                        ? Math.max(least, Norms.meanSquare(cell.value())) * Math.min(given, 1 / Math.sqrt(cell.step()))
                        : given);
    }

    private Update scaled(Update update, Cell cell) {
        return update.scale(size(cell));
    }

    private Tensor moved(Tensor u, Cell cell) {
        double b1 = cell.fraction("adafactor: the momentum", momentum);
        return cell.set(MEAN, cell.get(MEAN).mul(b1).add(u.mul(1 - b1)));
    }

    private Update shrunk(Update update, Cell cell) {
        double lambda = cell.decay("adafactor: the weight decay", weightDecay);
        if (lambda > 0) {
            cell.shrink(1 - size(cell) * lambda);
        }
        return update;
    }
}
