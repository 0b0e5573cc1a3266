package org.lehr.engine.nn.exit;

import java.util.Arrays;
import org.lehr.engine.nn.exit.EarlyExitNetwork.Answers;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.LogSoftmax;

/// What an [EarlyExitNetwork] wants small: being wrong, and working long (Chataoui, Coates 2024).
///
/// @param tradeOff λ: how much wrongness (in nats) a unit of cost is worth
/// @param costs of going as far as each stage, rising
public record ExitLosses(double tradeOff, double... costs) {

    private static final double TINY = 1e-7;

    public ExitLosses {
        costs = costs.clone();
        boolean rising = costs.length > 0;
        for (int i = 1; i < costs.length; i++) {
            rising &= costs[i] > costs[i - 1];
        }
        if (!(tradeOff >= 0) || !rising) {
            throw new IllegalArgumentException("exit losses: needs a trade-off of at least 0 and rising costs, got "
                    + tradeOff + " and " + Arrays.toString(costs));
        }
    }

    @Override
    public double[] costs() {
        return costs.clone();
    }

    /// The expected loss of answers and costs together, `E_{l∼P}[CE_l + λ·cost_l]`, whose gradient goes to answers
    /// and gates.
    ///
    /// @param targets classes, int `[b]`
    public Tensor joint(Answers answers, Tensor targets) {
        return answers.exits().mul(total(answers, targets)).sum(1).mean();
    }

    /// The loss of the answers where rows leave, `E_{l∼P}[CE_l]` with `P` as a constant: the step that trains
    /// answers.
    public Tensor ofAnswers(Answers answers, Tensor targets) {
        return answers.exits().detach().mul(wrongness(answers, targets)).sum(1).mean();
    }

    /// The cross-entropy of the gates with what would have been best: a row should leave where no later stage has
    /// less
    /// wrongness and cost together. The step that trains gates.
    public Tensor ofGates(Answers answers, Tensor targets) {
        Tensor sum = null;
        double[][] total = rows(Recording.off(() -> total(answers, targets)));
        for (int stage = 0; stage < answers.gates().size(); stage++) {
            Tensor gate = answers.gates().get(stage);
            double[] wanted = new double[total.length];
            for (int i = 0; i < wanted.length; i++) {
                double later = Arrays.stream(total[i], stage + 1, total[i].length)
                        .min()
                        .orElseThrow();
                wanted[i] = total[i][stage] <= later ? 1 : 0;
            }
            Tensor target = Tensor.of(wanted, wanted.length).to(gate.dtype());
            Tensor loss = target.mul(gate.add(TINY).log())
                    .add(target.neg().add(1).mul(gate.neg().add(1 + TINY).log()))
                    .mean()
                    .neg();
            sum = sum == null ? loss : sum.add(loss);
        }
        if (sum == null) {
            throw new IllegalArgumentException("exit losses: a network of one stage has no gates to train");
        }
        return sum;
    }

    private static double[][] rows(Tensor x) {
        double[] all = x.toDoubleArray();
        int width = Math.toIntExact(x.extent(1));
        double[][] rows = new double[Math.toIntExact(x.extent(0))][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
        }
        return rows;
    }

    /// `CE_l + λ·cost_l`. `→ [b, stages]`
    private Tensor total(Answers answers, Tensor targets) {
        Tensor wrong = wrongness(answers, targets);
        return wrong.add(Tensor.of(costs, costs.length).to(wrong.dtype()).mul(tradeOff));
    }

    /// `CE_l`. `→ [b, stages]`
    private Tensor wrongness(Answers answers, Tensor targets) {
        int stages = answers.logits().size();
        if (stages != costs.length || targets.rank() != 1) {
            throw new ShapeMismatchException("exit losses: needs targets [b] and a cost for each of " + stages
                    + " stages, got targets " + targets.shape() + " and " + costs.length + " costs");
        }
        Tensor column = targets.unsqueeze(1);
        return Concat.concat(
                1,
                answers.logits().stream()
                        .map(logits -> LogSoftmax.logSoftmax(logits, -1)
                                .gather(1, column)
                                .neg())
                        .toArray(Tensor[]::new));
    }
}
