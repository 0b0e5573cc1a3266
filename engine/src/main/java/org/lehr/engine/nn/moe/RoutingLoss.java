package org.lehr.engine.nn.moe;

import java.util.Locale;
import org.lehr.engine.tensor.Tensor;

/// A number that is small where tokens are routed well.
@FunctionalInterface
public interface RoutingLoss {

    /// A scalar that depends on the scores or weights.
    Tensor of(Routing routing);

    /// A loss and what it counts.
    ///
    /// @param name what it is called in reports
    record Term(String name, double coefficient, RoutingLoss loss) {

        /// One of the usual losses.
        public static Term of(RoutingLosses loss, double coefficient) {
            return new Term(loss.name().toLowerCase(Locale.ROOT), coefficient, loss);
        }
    }
}
