package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.Tensor;

/// What is to be subtracted from a parameter: `(factor/over)·direction/divisor`, not multiplied out yet, so that
/// all numbers of a chain become one multiplication, as in a kernel that does the whole chain.
///
/// @param direction `[...]`
/// @param divisor `[...]` of the same shape; null for 1
/// @param factor numbers that multiply
/// @param over numbers that divide
public record Update(Tensor direction, Tensor divisor, double factor, double over) {

    /// The tensor itself.
    public static Update of(Tensor direction) {
        return new Update(direction, null, 1, 1);
    }

    /// `direction/divisor`.
    public static Update quotient(Tensor direction, Tensor divisor) {
        return new Update(direction, divisor, 1, 1);
    }

    /// `by` times this.
    public Update scale(double by) {
        return new Update(direction, divisor, factor * by, over);
    }

    /// This divided by `by`.
    public Update over(double by) {
        return new Update(direction, divisor, factor, over * by);
    }

    /// Multiplied out.
    public Tensor tensor() {
        double number = factor / over;
        Tensor scaled = number == 1 ? direction : direction.mul(number);
        return divisor == null ? scaled : scaled.div(divisor);
    }
}
