package org.lehr.engine.optim;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.optim.transform.Hyperparameter;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.UpdateKernels;
import org.lehr.kernels.UpdateKernels.SgdSlot;

/// Stochastic gradient descent with momentum (Sutskever et al. 2013), in PyTorch's form: `m ← µm + (1 − τ)g`,
/// `p ← p − rate·m`, or with Nesterov `p ← p − rate·(g + µm)`; weight decay is added to the gradient.
public final class Sgd extends SlottedOptimizer {

    /// Hyper-parameters, those that are schedules as functions of the step.
    ///
    /// @param rate learning rate
    /// @param momentum µ in `[0, 1)`; whether there is a momentum buffer is decided by its value at step 0
    /// @param dampening τ
    /// @param nesterov whether to look ahead; needs momentum and no dampening
    /// @param weightDecay added to the gradient times the weight
    public record Form(Schedule rate, Schedule momentum, double dampening, boolean nesterov, Schedule weightDecay) {

        public Form {
            if (nesterov && (momentum.at(0) <= 0 || dampening != 0)) {
                throw new IllegalArgumentException(
                        "sgd: Nesterov needs momentum above 0 and no dampening, got momentum " + momentum.at(0)
                                + " and dampening " + dampening);
            }
        }
    }

    private final Form form;
    private final boolean buffered;

    public Sgd(List<ParameterGroup> groups, Form form) {
        boolean buffered = form.momentum.at(0) > 0;
        super(buffered ? new Slots(groups, "momentum") : new Slots(groups), form.rate);
        this.form = form;
        this.buffered = buffered;
    }

    /// With momentum, and without weight decay.
    public Sgd(List<ParameterGroup> groups, Schedule rate, double momentum) {
        this(groups, new Form(rate, new Constant(momentum), 0, false, new Constant(0)));
    }

    @Override
    public void step(double gradientScale) {
        double momentum = Hyperparameter.fraction("sgd: momentum", form.momentum.at(steps()));
        double rate = Hyperparameter.amount("sgd: the rate", rate());
        double decay = Hyperparameter.amount("sgd: the weight decay", form.weightDecay.at(steps()));
        count();
        for (ParameterGroup group : slots().groups()) {
            List<SgdSlot> present = present(group);
            if (!present.isEmpty()) {
                Tensor first = group.parameters().firstEntry().getValue().own();
                first.device()
                        .backend()
                        .updates()
                        .sgd(
                                present,
                                new UpdateKernels.Sgd(
                                        rate * group.rateFactor(),
                                        buffered ? momentum : 0,
                                        form.dampening,
                                        form.nesterov,
                                        decay * group.weightDecayFactor(),
                                        steps() - slots().begun(group),
                                        gradientScale));
                slots().written(group);
            }
        }
    }

    private List<SgdSlot> present(ParameterGroup group) {
        List<SgdSlot> present = new ArrayList<>();
        group.parameters().forEach((path, parameter) -> {
            if (parameter.gradient() != null) {
                present.add(new SgdSlot(
                        slots().updated(path, parameter).view(),
                        Slots.gradient(parameter).view(),
                        buffered ? slots().get("momentum", path).view() : null));
            }
        });
        return present;
    }

    @Override
    public boolean isSeparate() {
        return true;
    }
}
