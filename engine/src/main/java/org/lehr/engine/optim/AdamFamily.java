package org.lehr.engine.optim;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.optim.transform.Hyperparameter;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.UpdateKernels;
import org.lehr.kernels.UpdateKernels.AdamSlot;

/// What [Adam] and [AdamW] share: two running moments per parameter and one fused sweep over a group.
public abstract sealed class AdamFamily extends SlottedOptimizer permits Adam, AdamW {

    /// Hyper-parameters, each a schedule of the step.
    ///
    /// @param rate learning rate
    /// @param beta1 decay of the running mean, in `[0, 1)`
    /// @param beta2 decay of the running square, in `[0, 1)`
    /// @param epsilon added to the root of the corrected square
    /// @param weightDecay how strongly weights are pulled to zero
    /// @param maximal whether the largest running square counts (AMSGrad; Reddi, Kale, Kumar 2018)
    public record Form(
            Schedule rate, Schedule beta1, Schedule beta2, double epsilon, Schedule weightDecay, boolean maximal) {

        public Form {
            if (!(epsilon >= 0)) {
                throw new IllegalArgumentException("adam: epsilon must not be negative, got " + epsilon);
            }
        }
    }

    private final Form form;
    private final boolean decoupled;

    AdamFamily(List<ParameterGroup> groups, Form form, boolean decoupled) {
        super(
                form.maximal
                        ? new Slots(groups, "exp_avg", "exp_avg_sq", "max_exp_avg_sq")
                        : new Slots(groups, "exp_avg", "exp_avg_sq"),
                form.rate);
        this.form = form;
        this.decoupled = decoupled;
    }

    @Override
    public final void step(double gradientScale) {
        double beta1 = Hyperparameter.fraction("adam: beta1", form.beta1.at(steps()));
        double beta2 = Hyperparameter.fraction("adam: beta2", form.beta2.at(steps()));
        double rate = Hyperparameter.amount("adam: the rate", rate());
        double decay = Hyperparameter.amount("adam: the weight decay", form.weightDecay.at(steps()));
        count();
        for (ParameterGroup group : slots().groups()) {
            List<AdamSlot> present = present(group);
            if (!present.isEmpty()) {
                Tensor first = group.parameters().firstEntry().getValue().own();
                first.device()
                        .backend()
                        .updates()
                        .adam(
                                present,
                                new UpdateKernels.Adam(
                                        rate * group.rateFactor(),
                                        beta1,
                                        beta2,
                                        form.epsilon,
                                        decay * group.weightDecayFactor(),
                                        decoupled,
                                        steps() - slots().begun(group),
                                        gradientScale));
                slots().written(group);
            }
        }
    }

    private List<AdamSlot> present(ParameterGroup group) {
        List<AdamSlot> present = new ArrayList<>();
        group.parameters().forEach((path, parameter) -> {
            if (parameter.gradient() != null) {
                present.add(new AdamSlot(
                        slots().updated(path, parameter).view(),
                        Slots.gradient(parameter).view(),
                        slots().get("exp_avg", path).view(),
                        slots().get("exp_avg_sq", path).view(),
                        form.maximal ? slots().get("max_exp_avg_sq", path).view() : null));
            }
        });
        return present;
    }

    @Override
    public boolean isSeparate() {
        return true;
    }
}
