package org.lehr.engine.nn.scaling;

import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Shape;

/// The maximal update parametrisation, muP (Yang et al. 2022): a model and a narrow one of the same make, whose
/// difference
/// tells which extents of each parameter grow with the width.
///
/// With `m` the ratio of fans in (the second extent, and any further ones) and the usual initial values:
/// matrices that grow at both ends ("hidden") keep their initial deviation `∝ 1/√fan`, and learn at `1/m` of the rate
/// with
/// Adam; those that grow at the output only ("input", and vectors) learn at the full rate with Adam and `m` times it
/// with
/// SGD; those that grow at the input only ("output") begin with `1/√m` of their deviation and learn at `1/m`.
public final class MaximalUpdate {

    /// What kind of steps an optimizer takes.
    public enum Steps {
        /// Of a size that does not depend on the gradient's (Adam, Lion, signs).
        NORMALIZED,
        /// Proportional to the gradient (SGD).
        PROPORTIONAL
    }

    private record Growth(double in, double out) {}

    private final SequencedMap<String, Growth> growths = new LinkedHashMap<>();
    private final SequencedMap<String, Parameter> parameters;

    /// @param model what is to be trained
    /// @param base the same model at the width whose rates are known, with parameters of the same paths and ranks
    public MaximalUpdate(Module model, Module base) {
        parameters = model.parameters();
        SequencedMap<String, Parameter> narrow = base.parameters();
        if (!parameters.sequencedKeySet().equals(narrow.sequencedKeySet())) {
            throw new IllegalArgumentException("maximal update: the models have different parameters: "
                    + parameters.keySet() + " and " + narrow.keySet());
        }
        parameters.forEach((path, parameter) -> growths.put(
                path,
                growth(path, parameter.own().shape(), narrow.get(path).own().shape())));
    }

    private static Growth growth(String path, Shape wide, Shape narrow) {
        if (wide.rank() != narrow.rank()) {
            throw new IllegalArgumentException(
                    "maximal update: " + path + " has shape " + wide + " and in the base model " + narrow);
        }
        if (wide.rank() == 0) {
            return new Growth(1, 1);
        }
        double out = (double) wide.extent(0) / narrow.extent(0);
        double in = (double) wide.slice(1, wide.rank()).size()
                / narrow.slice(1, narrow.rank()).size();
        return new Growth(in, out);
    }

    /// By how much the rate of each parameter is multiplied, by path, relative to the rate that suits the base
    /// model.
    public SequencedMap<String, Double> rateFactors(Steps steps) {
        SequencedMap<String, Double> factors = new LinkedHashMap<>();
        growths.forEach((path, growth) -> factors.put(
                path,
                switch (steps) {
                    case NORMALIZED -> 1 / growth.in;
                    case PROPORTIONAL -> growth.out / growth.in;
                }));
        return factors;
    }

    /// Makes the first values of maps that grow at the input only smaller, once, before training; others have the
    /// right
    /// ones when their deviation falls with the root of the fan.
    public void rescale() {
        growths.forEach((path, growth) -> {
            if (growth.in > 1 && growth.out == 1) {
                Parameter parameter = parameters.get(path);
                parameter.set(Recording.off(() -> parameter.own().detach().mul(1 / Math.sqrt(growth.in))));
            }
        });
    }
}
