package org.lehr.engine.optim.transform;

import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// A tensor that a transform keeps from step to step: one for each parameter, or one for all of them.
///
/// @param name unique among the parts of a chain
/// @param shared whether there is one for all parameters
/// @param kind whether it may be stored in fewer bits, as [StateFormat] says
/// @param initial makes the first value from that of the parameter (null for a shared one), in float32, or float64
///     for float64 parameters
public record Slot(String name, boolean shared, Kind kind, UnaryOperator<Tensor> initial) {

    /// What may be done to a slot to save memory.
    public enum Kind {
        /// Nothing.
        EXACT,
        /// A running mean: fewer bits will do.
        MEAN,
        /// A running square: fewer bits will do, and there is nothing below 0.
        SQUARE
    }

    /// A running mean: zeros of the parameter's shape; may be stored in fewer bits.
    public static Slot mean(String name) {
        return new Slot(name, false, Kind.MEAN, value -> value.fullLike(0));
    }

    /// A running square: zeros of the parameter's shape; may be stored in fewer bits.
    public static Slot square(String name) {
        return new Slot(name, false, Kind.SQUARE, value -> value.fullLike(0));
    }

    /// Of the parameter's shape, always in full precision.
    public static Slot filled(String name, double value) {
        return new Slot(name, false, Kind.EXACT, like -> like.fullLike(value));
    }

    /// As [#filled] with zeros.
    public static Slot zeros(String name) {
        return filled(name, 0);
    }

    /// What `initial` makes of the parameter's value.
    public static Slot of(String name, UnaryOperator<Tensor> initial) {
        return new Slot(name, false, Kind.EXACT, initial);
    }

    /// A float64 number for each parameter.
    public static Slot number(String name, double value) {
        return new Slot(name, false, Kind.EXACT, _ -> Tensor.full(value, Device.current(), DType.FLOAT64));
    }

    /// A float64 number for all parameters.
    public static Slot sharedNumber(String name, double value) {
        return new Slot(name, true, Kind.EXACT, _ -> Tensor.full(value, Device.current(), DType.FLOAT64));
    }

    /// The same for the tensors that `projection` makes of the parameters.
    public Slot of(UnaryOperator<Tensor> projection) {
        return shared ? this : new Slot(name, false, kind, value -> initial.apply(projection.apply(value)));
    }
}
