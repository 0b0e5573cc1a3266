package org.lehr.engine.optim.wrapper;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.tensor.Tensor;

/// Gradient centralisation (Yong et al. 2020): takes from the gradient of each row of a matrix, or filter of a
/// convolution, its mean. Vectors stay as they are.
public record Centralize() implements ChainWrapper {

    @Override
    public List<Transform> change(List<Transform> inner) {
        return Stream.concat(Stream.of(Rule.of((g, _) -> centered(g))), inner.stream())
                .toList();
    }

    private static Tensor centered(Tensor g) {
        return g.rank() < 2
                ? g
                : g.sub(g.mean(true, IntStream.range(1, g.rank()).toArray()));
    }
}
