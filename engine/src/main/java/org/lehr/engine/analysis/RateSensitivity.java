package org.lehr.engine.analysis;

import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;

/// How much the result of training depends on its rate (Wortsman et al. 2023): a sweep over rates, and how far the
/// final
/// losses are from the best on average, where a loss above the initial one counts as that.
///
/// @param rates that were tried
/// @param losses that they ended with; not finite where a run diverged
/// @param initial the loss before training
public record RateSensitivity(double[] rates, double[] losses, double initial) {

    public RateSensitivity {
        rates = rates.clone();
        losses = losses.clone();
        if (rates.length == 0 || rates.length != losses.length || !Double.isFinite(initial)) {
            throw new IllegalArgumentException("rate sensitivity: needs one loss for each of at least one rate and a"
                    + " finite initial loss, got " + rates.length + " rates, " + losses.length + " losses and "
                    + initial);
        }
    }

    /// Runs `train`, from a rate to the final loss, for each of some rates.
    public static RateSensitivity sweep(double initial, DoubleUnaryOperator train, double... rates) {
        return new RateSensitivity(rates, Arrays.stream(rates).map(train).toArray(), initial);
    }

    @Override
    public double[] rates() {
        return rates.clone();
    }

    @Override
    public double[] losses() {
        return losses.clone();
    }

    /// The losses, none of which is above the initial one.
    public double[] bounded() {
        return Arrays.stream(losses)
                .map(loss -> loss < initial ? loss : initial)
                .toArray();
    }

    /// The least loss.
    public double best() {
        return Arrays.stream(bounded()).min().orElseThrow();
    }

    /// The mean of what the bounded losses are above the best.
    public double value() {
        return Arrays.stream(bounded()).average().orElseThrow() - best();
    }
}
