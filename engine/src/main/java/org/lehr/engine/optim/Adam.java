package org.lehr.engine.optim;

import java.util.List;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;

/// Adam (Kingma, Ba 2015): `p ← p − rate·m̂/(√v̂ + ε)`; weight decay, if any, is added to the gradient.
public final class Adam extends AdamFamily {

    public Adam(List<ParameterGroup> groups, Form form) {
        super(groups, form, false);
    }

    /// The usual form: β₁ = 0.9, β₂ = 0.999, ε = 1e-8, no weight decay.
    public Adam(List<ParameterGroup> groups, Schedule rate) {
        this(groups, new Form(rate, new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0), false));
    }
}
