package org.lehr.engine.nn.moe;

import org.lehr.engine.tensor.RandomStream;

/// Makes the routers of a model's layers.
@FunctionalInterface
public interface RouterFactory {

    /// A router for tokens of this width.
    Router make(long width, RandomStream random);
}
