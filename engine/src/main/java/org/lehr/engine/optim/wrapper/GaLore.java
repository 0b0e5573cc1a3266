package org.lehr.engine.optim.wrapper;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.lehr.engine.optim.ChainWrapper;
import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.transform.Cell;
import org.lehr.engine.optim.transform.Eigen;
import org.lehr.engine.optim.transform.Rule;
import org.lehr.engine.optim.transform.ScaleByRate;
import org.lehr.engine.optim.transform.Shrink;
import org.lehr.engine.optim.transform.Slot;
import org.lehr.engine.optim.transform.Transform;
import org.lehr.engine.optim.transform.Update;
import org.lehr.engine.tensor.Tensor;

/// GaLore (Zhao et al. 2024): the chain sees gradients of matrices in a subspace, `R = Pᵀ·G` where the columns of
/// `P` are the first singular vectors of `G`, on the shorter side, renewed every few steps; its updates are carried
/// back, `u = scale·P·N`. Vectors, and matrices no larger than the rank, are seen as they are. More than two
/// dimensions count as `[d₀, rest]`. For optimizers that are chains of rules. State of `[m, n]`, `m ≤ n`: `mr`
/// numbers for `P`, and the chain's state for a matrix `[r, n]`; with `state=block8` the latter in 8 bits.
///
/// @param rank r
/// @param every steps between subspaces
/// @param scale what updates are multiplied by
public record GaLore(
        @Default("128") long rank,
        @Default("200") long every,
        @Default("0.25") double scale) implements ChainWrapper {

    public GaLore {
        if (rank < 1 || every < 1) {
            throw new IllegalArgumentException(
                    "galore: needs a rank and every of at least 1, got " + rank + " and " + every);
        }
    }

    @Override
    public List<Transform> change(List<Transform> inner) {
        List<Rule> rules = new ArrayList<>();
        for (Transform part : inner) {
            if (!(part instanceof Rule rule)) {
                throw new IllegalArgumentException(
                        "galore: each part of the chain must look at one parameter alone, and "
                                + part.getClass().getSimpleName() + " does not");
            }
            rules.add(rule);
        }
        // Decay and rate are the parameter's own, not the subspace's.
        List<Rule> within = rules.stream()
                .filter(rule -> !(rule instanceof Shrink || rule instanceof ScaleByRate))
                .toList();
        List<Rule> outside = rules.stream()
                .filter(rule -> rule instanceof Shrink || rule instanceof ScaleByRate)
                .toList();
        List<Transform> chain = new ArrayList<>();
        chain.add(new Projected(this, within));
        chain.addAll(outside);
        return List.copyOf(chain);
    }

    private record Projected(GaLore form, List<Rule> within) implements Rule {

        private static final String PROJECTOR = "projector";

        @Override
        public List<Slot> slots() {
            return Stream.concat(
                            Stream.of(Slot.of(PROJECTOR, this::empty)),
                            within.stream()
                                    .flatMap(rule -> rule.slots().stream())
                                    .map(slot -> slot.of(this::small)))
                    .toList();
        }

        private boolean suits(Tensor value) {
            return value.rank() > 1
                    && value.size() > 0
                    && Math.min(value.extent(0), value.size() / value.extent(0)) > form.rank;
        }

        private static boolean tall(Tensor value) {
            return value.extent(0) > value.size() / value.extent(0);
        }

        private Tensor empty(Tensor value) {
            long side = suits(value) ? Math.min(value.extent(0), value.size() / value.extent(0)) : 0;
            return Tensor.full(0, value.device(), value.dtype(), side, side == 0 ? 0 : form.rank);
        }

        /// What stands for a parameter in the subspace before there is one.
        private Tensor small(Tensor value) {
            if (!suits(value)) {
                return value;
            }
            long other = Math.max(value.extent(0), value.size() / value.extent(0));
            return Tensor.full(0, value.device(), value.dtype(), form.rank, other);
        }

        @Override
        public Update apply(Update update, Cell cell) {
            if (!suits(cell.value())) {
                return inside(update, cell);
            }
            Tensor g = oriented(update.tensor());
            Tensor p = (cell.step() - 1) % form.every == 0 ? cell.set(PROJECTOR, subspace(g)) : cell.get(PROJECTOR);
            Tensor small = p.transpose(0, 1).matmul(g);
            Tensor value = p.transpose(0, 1).matmul(oriented(cell.value()));
            Tensor back = p.matmul(inside(Update.of(small), cell.projected(value, Update.of(small)))
                    .tensor());
            Tensor whole = tall(cell.value()) ? back.transpose(0, 1) : back;
            return Update.of(whole.reshape(cell.value().shape().toArray())).scale(form.scale);
        }

        private Update inside(Update update, Cell cell) {
            Update changed = update;
            for (Rule rule : within) {
                changed = rule.apply(changed, cell);
            }
            return changed;
        }

        /// `[m, n]` with `m ≤ n`.
        private static Tensor oriented(Tensor x) {
            Tensor matrix = x.reshape(x.extent(0), -1);
            return tall(x) ? matrix.transpose(0, 1).contiguous() : matrix;
        }

        /// The first left singular vectors, as eigenvectors of `G·Gᵀ`.
        private Tensor subspace(Tensor g) {
            // Scaled, so that squares of small and large gradients stay in range.
            double largest = g.abs().max().item();
            Tensor unit = largest > 0 && Double.isFinite(largest) ? g.div(largest) : g;
            Tensor vectors = Eigen.of(unit.matmul(unit.transpose(0, 1))).vectors();
            return vectors.slice(1, 0, form.rank).contiguous();
        }
    }
}
