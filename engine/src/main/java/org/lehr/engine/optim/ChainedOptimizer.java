package org.lehr.engine.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.transform.Averaging;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.optim.transform.Step;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.schedule.Schedule;
import org.lehr.engine.tensor.Recording;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Scope;

/// An optimizer made of [transforms][Transform]: the gradient goes through them in order, and what comes out is
/// subtracted from the parameter.
///
/// From the last transform on that looks at several parameters, one parameter after another is done to its end, so that
/// only one update needs memory at a time.
public final class ChainedOptimizer extends SlottedOptimizer {

    private final List<Transform> chain;
    private final int alone;

    /// @param rate what [#rate] reports; a transform of the chain applies it
    /// @throws IllegalArgumentException when two transforms keep slots of the same name
    public ChainedOptimizer(List<ParameterGroup> groups, Schedule rate, List<Transform> chain, StateFormat format) {
        super(
                new Slots(
                        groups,
                        chain.stream().flatMap(part -> part.slots().stream()).toList(),
                        format,
                        true),
                rate);
        this.chain = List.copyOf(chain);
        int from = chain.size();
        while (from > 0 && chain.get(from - 1) instanceof Rule) {
            from--;
        }
        this.alone = from;
    }

    @Override
    public void step(double gradientScale) {
        step(gradientScale, null);
    }

    @Override
    public void step(double gradientScale, Evaluation evaluation) {
        step(
                evaluation,
                (_, parameter) -> parameter.gradient() == null
                        ? null
                        : Update.of(Slots.gradient(parameter)).scale(gradientScale));
    }

    /// A step with updates that come from elsewhere than the parameters' gradients.
    ///
    /// @param evaluation null where there is none
    /// @param gradients the first update of a parameter by its path; null leaves the parameter as it is
    public void step(Evaluation evaluation, BiFunction<String, Parameter, Update> gradients) {
        Recording.off(() -> {
            try (Scope scope = Scope.open()) {
                List<Place> places = places(gradients);
                Step step = new Step(places.stream().map(Place::cell).toList(), steps(), slots(), evaluation);
                for (Transform part : chain.subList(0, alone)) {
                    part.apply(step);
                }
                places.forEach(this::finish);
                slots().set("", step.written(), scope);
            }
            return null;
        });
        count();
    }

    /// A parameter of a step.
    private record Place(Parameter parameter, Cell cell, Tensor updated) {}

    private List<Place> places(BiFunction<String, Parameter, Update> gradients) {
        List<Place> places = new ArrayList<>();
        for (ParameterGroup group : slots().groups()) {
            long begun = slots().begun(group);
            group.parameters().forEach((path, parameter) -> {
                Update gradient = gradients.apply(path, parameter);
                if (gradient != null) {
                    Tensor updated = slots().updated(path, parameter).detach();
                    places.add(new Place(
                            parameter, new Cell(path, group, updated, steps(), begun, slots(), gradient), updated));
                }
            });
        }
        return places;
    }

    private void finish(Place place) {
        try (Scope scope = Scope.open()) {
            Cell cell = place.cell;
            for (Transform part : chain.subList(alone, chain.size())) {
                cell.setUpdate(((Rule) part).apply(cell.update(), cell));
            }
            Tensor next = cell.next();
            next.storage().complete();
            slots().set(cell.path(), cell.written(), scope);
            place.updated.copyFrom(next);
            if (place.updated.storage() != place.parameter.own().storage()) {
                place.parameter.set(place.updated);
            }
        }
    }

    @Override
    public <T> T evaluating(Supplier<T> work) {
        Optional<Averaging> averaging = averaging();
        if (averaging.isEmpty() || steps() == 0) {
            return work.get();
        }
        put((path, _) -> averaging.get().used(slots(), path));
        try {
            return work.get();
        } finally {
            training();
        }
    }

    @Override
    public void training() {
        averaging()
                .ifPresent(averaging -> put((path, parameter) -> {
                    Tensor updated = slots().updated(path, parameter);
                    return updated == parameter.own() ? averaging.trained(slots(), path, steps()) : updated;
                }));
    }

    private Optional<Averaging> averaging() {
        return chain.stream()
                .flatMap(part -> part instanceof Averaging averaging ? Stream.of(averaging) : Stream.empty())
                .findFirst();
    }

    private void put(BiFunction<String, Parameter, Tensor> values) {
        slots().groups()
                .forEach(group -> group.parameters().forEach((path, parameter) -> {
                    try (var _ = Scope.open()) {
                        parameter.set(Recording.off(() -> values.apply(path, parameter)));
                    }
                }));
    }

    @Override
    public Demand demand() {
        return chain.stream().anyMatch(Transform::evaluates) ? Demand.EVALUATION : Demand.GRADIENT;
    }

    @Override
    public boolean isSeparate() {
        return alone == 0 && demand() == Demand.GRADIENT;
    }
}
