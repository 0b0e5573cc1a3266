package org.lehr.engine.optim.transform;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Tensor;

/// The diagonal of the Hessian by Hutchinson's estimate `v ⊙ Hv` with random signs `v` (Bekas, Kokiopoulou, Saad
/// 2007), by the engine's second derivatives.
public final class HessianDiagonal {

    private HessianDiagonal() {}

    /// One estimate for each parameter of a step, of the dtype of its value.
    ///
    /// @param who names the optimizer in errors
    /// @param seed with the path and the step, of the signs
    public static List<Tensor> estimate(String who, Step step, long seed) {
        List<Parameter> parameters = new ArrayList<>();
        List<Tensor> signs = new ArrayList<>();
        for (Cell cell : step.cells()) {
            Parameter parameter = cell.group().parameters().get(cell.path());
            parameters.add(parameter);
            signs.add(
                    Noise.signs(seed, cell.path(), step.index(), parameter.own().detach()));
        }
        if (parameters.isEmpty()) {
            return List.of();
        }
        List<Tensor> products = step.evaluation(who).hessianVectorProduct(parameters, signs);
        List<Tensor> diagonals = new ArrayList<>();
        for (int i = 0; i < products.size(); i++) {
            diagonals.add(products.get(i)
                    .mul(signs.get(i))
                    .to(step.cells().get(i).value().dtype()));
        }
        return diagonals;
    }
}
