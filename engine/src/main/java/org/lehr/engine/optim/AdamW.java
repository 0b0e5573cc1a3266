package org.lehr.engine.optim;

import java.util.List;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;

/// Adam with weight decay apart from the gradient (Loshchilov, Hutter 2019):
/// `p ← p·(1 − rate·decay) − rate·m̂/(√v̂ + ε)`.
/// As in PyTorch, and other than in the paper, the decay is multiplied by the scheduled rate.
public final class AdamW extends AdamFamily {

    public AdamW(List<ParameterGroup> groups, Form form) {
        super(groups, form, true);
    }

    /// The usual form: β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    public AdamW(List<ParameterGroup> groups, Schedule rate, double weightDecay) {
        this(groups, new Form(rate, new Constant(0.9), new Constant(0.999), 1e-8, new Constant(weightDecay), false));
    }
}
