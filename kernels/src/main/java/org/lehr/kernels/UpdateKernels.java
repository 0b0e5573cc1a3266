package org.lehr.kernels;

import java.util.List;

/// Optimizer steps over many parameters in one sweep.
///
/// Parameters are float32, float64 or bfloat16; gradients have the parameter's dtype (float32 will do for bfloat16);
/// state is float32 (float64 for float64 parameters). All dense, no array twice in one call. One call may mix dtypes.
/// Arithmetic of one element is float32 (float64), each operation rounded once, in the order written here: its
/// result depends on nothing but its own numbers.
public interface UpdateKernels {

    /// One parameter and its gradient with the state of AdamW, zero before the first step; `maximum`, the largest
    /// variance so far, only with AMSGrad (Reddi, Kale, Kumar 2018), else null.
    record AdamSlot(View parameter, View gradient, View mean, View variance, View maximum) {}

    /// One parameter and its gradient with the momentum of SGD, null without momentum; what it holds before step 1
    /// is not read.
    record SgdSlot(View parameter, View gradient, View momentum) {}

    /// Adam (Kingma, Ba 2015) with decoupled (Loshchilov, Hutter 2019) or coupled (L2) weight decay.
    ///
    /// With `g = gradientScale·gradient` (+ `weightDecay·p` when coupled): `m = β₁m + (1−β₁)g`,
    /// `v = β₂v + (1−β₂)g²`, `u = max(u, v)` with AMSGrad, else `u = v`; `p = p·(1 − rate·weightDecay)` when
    /// decoupled; `p = p − (rate/(1−β₁ᵗ))·m / (√u·(1/√(1−β₂ᵗ)) + ε)`, its two factors formed in float64.
    ///
    /// @param step t, from 1
    record Adam(
            double rate,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            boolean decoupled,
            long step,
            double gradientScale) {}

    /// SGD: `g = gradientScale·gradient + weightDecay·p`; `m = momentum·m + (1 − dampening)·g` (`m = g` at step 1);
    /// `p = p − rate·(nesterov ? g + momentum·m : m)`.
    record Sgd(
            double rate,
            double momentum,
            double dampening,
            boolean nesterov,
            double weightDecay,
            long step,
            double gradientScale) {}

    void adam(List<AdamSlot> slots, Adam form);

    void sgd(List<SgdSlot> slots, Sgd form);

    /// Codes float32 `values [n]` in 8 bits, block by block (Dettmers, Lewis, Shleifer, Zettlemoyer 2022).
    ///
    /// @param codes uint8 `[n]`
    /// @param scales float32 `[⌈n/256⌉]`, the largest magnitude of each block of 256
    /// @param signed whether there may be numbers below 0; without them the codes are twice as fine
    void encode(View codes, View scales, View values, boolean signed);

    /// The numbers that [#encode] coded, to its precision.
    void decode(View values, View codes, View scales, boolean signed);
}
