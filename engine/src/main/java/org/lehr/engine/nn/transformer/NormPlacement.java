package org.lehr.engine.nn.transformer;

/// Where norms stand around a part `f` of a block (Xiong et al. 2020 compare the first two).
public enum NormPlacement {
    /// `x + f(norm(x))`: gradients stay alike at any depth.
    PRE,
    /// `norm(x + f(x))`: the first transformers; needs a warm-up.
    POST,
    /// `x + norm'(f(norm(x)))`: Gemma 2.
    SANDWICH,
    /// `x + norm(f(x))`: OLMo 2.
    POST_SUBLAYER;

    boolean before() {
        return this == PRE || this == SANDWICH;
    }

    boolean after() {
        return this != PRE;
    }
}
