package org.lehr.engine.autograd;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Node;
import org.lehr.engine.tensor.PartialOp;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.memory.Storage;

/// The gradients on their way during a backward pass: sums at nodes and leaves, and who owns their memory.
///
/// A gradient may be shared (addition hands the same one to both inputs) or be a view, so memory is returned
/// only when its storage was made by this pass, nothing pending refers to it, and nobody outside was shown
/// it.
final class PendingGradients {

    private final boolean createGraph;
    private final Map<Object, Tensor> sums = new IdentityHashMap<>();
    private final List<Tensor> leaves = new ArrayList<>();
    private final Map<Storage, Integer> references = new IdentityHashMap<>();
    private final Map<Storage, Boolean> owned = new IdentityHashMap<>();

    PendingGradients(boolean createGraph) {
        this.createGraph = createGraph;
    }

    /// Notes that a gradient's storage was made by this pass.
    void own(Tensor gradient) {
        owned.put(gradient.storage(), Boolean.TRUE);
    }

    /// Whether a gradient's storage was made by this pass.
    boolean owns(Tensor gradient) {
        return owned.containsKey(gradient.storage());
    }

    private void escape(Tensor gradient) {
        owned.remove(gradient.storage());
    }

    /// Refers to `gradient` until [#done], so that handing on one of a call's gradients cannot return
    /// another's memory.
    void hold(Tensor gradient) {
        references.merge(gradient.storage(), 1, Integer::sum);
    }

    /// Adds `gradient` to the sum at a node or a leaf.
    void add(Object place, Tensor gradient) {
        Tensor sum = sums.get(place);
        if (sum == null) {
            if (place instanceof Tensor leaf) {
                leaves.add(leaf);
            }
            put(place, gradient);
        } else if (createGraph) {
            done(sum);
            put(place, sum.add(gradient));
        } else if (exclusive(sum) && sum.storage().producer() == null) {
            sum.addInPlace(gradient);
        } else {
            Tensor total = sum.add(gradient);
            done(sum);
            put(place, total);
            own(total);
        }
    }

    /// Lets a partial operation add its gradient to the sum at its input's place.
    void accumulate(Object place, PartialOp op, Call call, Tensor dy) {
        Tensor sum = sums.get(place);
        if (sum == null || !exclusive(sum)) {
            Tensor own = op.first(call, dy);
            own(own);
            hold(own);
            add(place, own);
            done(own);
        } else {
            sum.storage().settle();
            op.accumulate(call, dy, sum);
        }
    }

    /// The sum at a node, which leaves the pending ones but stays referenced until [#done]; null when there
    /// is none.
    Tensor take(Node node) {
        return sums.remove(node);
    }

    /// Says that a gradient from [#take] or [#hold] is no longer read.
    void done(Tensor gradient) {
        Storage storage = gradient.storage();
        int left = references.getOrDefault(storage, 0) - 1;
        if (left > 0) {
            references.put(storage, left);
            return;
        }
        references.remove(storage);
        if (owned.remove(storage) != null) {
            storage.release();
        }
    }

    /// The gradient of a leaf after its hooks, null when none arrived; it leaves the pending ones.
    Tensor leaf(Tensor leaf) {
        Tensor gradient = sums.remove(leaf);
        return gradient == null ? null : hooked(leaf, gradient);
    }

    /// A held gradient as a result of the pass: memory of its own, that nothing else refers to, unless a
    /// graph is wanted.
    Tensor settle(Tensor gradient) {
        if (createGraph) {
            return gradient;
        }
        gradient.storage().complete();
        if (exclusive(gradient)) {
            return gradient;
        }
        Tensor copy = copy(gradient);
        done(gradient);
        return copy;
    }

    /// Adds every leaf's sum to the gradient that the leaf holds.
    void deliver() {
        leaves.forEach(this::deliver);
    }

    /// Adds a leaf's sum to the gradient that the leaf holds, and says whether there was one.
    boolean deliver(Tensor leaf) {
        Tensor gradient = leaf(leaf);
        if (gradient == null) {
            return false;
        }
        Tensor before = leaf.gradient();
        if (before == null) {
            leaf.setGradient(settle(gradient));
        } else if (before.isContiguous() && !before.requiresGradient()) {
            before.addInPlace(gradient);
            done(gradient);
        } else {
            leaf.setGradient(before.detach().add(gradient));
            done(gradient);
        }
        return true;
    }

    private Tensor hooked(Tensor leaf, Tensor gradient) {
        Tensor current = gradient;
        for (UnaryOperator<Tensor> hook : leaf.leafHooks()) {
            current = shown(hook, current);
        }
        return current;
    }

    /// Shows a held gradient to a hook, which may keep it, and holds what the hook returned in its place.
    Tensor shown(UnaryOperator<Tensor> hook, Tensor gradient) {
        escape(gradient);
        Tensor replacement = BackwardPass.replaced(hook, gradient);
        escape(replacement);
        hold(replacement);
        done(gradient);
        return replacement;
    }

    /// A copy of memory that does not belong to the pass, such as what an operation saved.
    Tensor adopt(Tensor gradient) {
        Tensor copy = copy(gradient);
        own(copy);
        return copy;
    }

    private static Tensor copy(Tensor gradient) {
        Tensor copy = Tensor.empty("gradient", gradient.device(), gradient.dtype(), gradient.shape());
        copy.copyFrom(gradient);
        return copy;
    }

    private void put(Object place, Tensor gradient) {
        sums.put(place, gradient);
        hold(gradient);
    }

    /// Whether a sum's memory is dense, made by this pass, and referred to by nothing else.
    private boolean exclusive(Tensor sum) {
        Storage storage = sum.storage();
        return owned.containsKey(storage)
                && references.getOrDefault(storage, 0) == 1
                && sum.isContiguous()
                && storage.byteSize() == sum.size() * sum.dtype().bytes();
    }
}
