package org.lehr.engine.optim.transform;

import org.lehr.engine.tensor.Tensor;

/// The update times `‖p‖/‖u‖`, so that every parameter changes by the same share (You et al. 2020); times 1 where
/// one of the two is 0.
public record ScaleByTrust() implements Rule {

    @Override
    public Update apply(Update update, Cell cell) {
        Tensor u = update.tensor();
        double length = Norms.two(u);
        double value = Norms.two(cell.value());
        return length > 0 && value > 0 ? Update.of(u).scale(value / length) : Update.of(u);
    }
}
