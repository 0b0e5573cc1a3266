package org.lehr.engine.tensor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.lehr.kernels.Backend;
import org.lehr.kernels.DType;
import org.lehr.kernels.fusion.Fusion;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.memory.Storage;

/// One call of an operation: what went in, what came out, and what the forward pass left for the backward
/// pass.
public final class Call {

    private static final Tensor[] NOTHING = {};

    private final Op op;
    private final Device device;
    private final Shape[] shapes;
    private final DType[] dtypes;
    private final boolean[] needs;
    private Tensor[] inputs;
    private long[] inputVersions;
    private Tensor output;
    private long outputVersion;
    private Tensor[] saved = NOTHING;
    private long[] savedVersions = {};
    private List<Storage> own = List.of();
    private boolean released;
    private boolean[] restriction;
    private boolean last;

    Call(Op op, Device device, Tensor[] inputs, boolean recorded) {
        this.op = op;
        this.device = device;
        this.inputs = inputs;
        this.shapes = new Shape[inputs.length];
        this.dtypes = new DType[inputs.length];
        this.needs = new boolean[inputs.length];
        for (int i = 0; i < inputs.length; i++) {
            shapes[i] = inputs[i].shape();
            dtypes[i] = inputs[i].dtype();
            needs[i] = recorded && inputs[i].requiresGradient();
        }
    }

    /// Keeps what the backward pass will read and notes its versions, once the result is there.
    void record(Tensor result) {
        if (op.readsInputs() || op instanceof FusedOp) {
            inputVersions = new long[inputs.length];
            for (int i = 0; i < inputs.length; i++) {
                inputVersions[i] = inputs[i].storage().version();
                Fusion.keep(inputs[i].storage());
            }
        } else {
            inputs = NOTHING;
        }
        if (op.readsOutput()) {
            output = result;
            outputVersion = result.storage().version();
            Fusion.keep(result.storage());
        }
    }

    /// Drops everything kept; saved tensors are the call's own and their memory is returned.
    public void release() {
        for (Storage storage : own) {
            storage.release();
        }
        own = List.of();
        inputs = NOTHING;
        output = null;
        saved = NOTHING;
        released = true;
    }

    public int count() {
        return shapes.length;
    }

    /// Input `i`. In the backward pass it is checked that nobody has overwritten it since.
    public Tensor input(int i) {
        if (released) {
            throw new StaleTensorException(op.name() + ": the graph of this result was released by an earlier backward"
                    + " pass; ask that one to retain the graph");
        }
        if (inputs.length == 0) {
            throw new NotDifferentiableException(
                    op.name() + ": its backward pass reads input " + i + " although readsInputs() says it does not");
        }
        Tensor input = inputs[i];
        if (inputVersions != null && input.storage().version() != inputVersions[i]) {
            throw new StaleTensorException(op.name() + ": input " + i + " " + input.shape()
                    + " was overwritten in place after this operation saved it for the backward pass");
        }
        return input;
    }

    /// All inputs, each checked as by [#input].
    public Tensor[] inputs() {
        Tensor[] all = new Tensor[shapes.length];
        for (int i = 0; i < all.length; i++) {
            all[i] = input(i);
        }
        return all;
    }

    /// The result, for operations that declare [Op#readsOutput].
    public Tensor output() {
        if (output == null && !released) {
            throw new NotDifferentiableException(
                    op.name() + ": its backward pass reads the result although readsOutput() says it does not");
        }
        if (output == null) {
            throw new StaleTensorException(op.name() + ": the graph of this result was released by an earlier backward"
                    + " pass; ask that one to retain the graph");
        }
        if (output.storage().version() != outputVersion) {
            throw new StaleTensorException(op.name() + ": the result " + output.shape()
                    + " was overwritten in place although its backward pass needs it");
        }
        return output;
    }

    /// The shape of input `i`, also when its values are not kept.
    public Shape shape(int i) {
        return shapes[i];
    }

    /// The dtype of input `i`, also when its values are not kept.
    public DType dtype(int i) {
        return dtypes[i];
    }

    /// Whether input `i` wants a gradient.
    public boolean needs(int i) {
        return needs[i] && (restriction == null || restriction[i]);
    }

    /// Runs a backward pass in which only the `active` inputs want gradients.
    ///
    /// @param last whether no other backward pass may follow
    public Tensor[] restricted(boolean[] active, boolean last, Supplier<Tensor[]> backward) {
        restriction = active;
        this.last = last;
        try {
            return backward.get();
        } finally {
            restriction = null;
            this.last = false;
        }
    }

    /// Whether any input wants a gradient, so that a backward pass may follow.
    public boolean needsAny() {
        for (boolean need : needs) {
            if (need) {
                return true;
            }
        }
        return false;
    }

    /// Leaves tensors (statistics, masks) for the backward pass. What the forward pass made for this belongs
    /// to the call, which returns its memory; the inputs and the result may be saved too, and stay their
    /// owners'.
    public void save(Tensor... tensors) {
        saved = tensors;
    }

    /// What [#save] was given at place `i`.
    public Tensor saved(int i) {
        if (released) {
            throw new StaleTensorException(op.name() + ": the graph of this result was released by an earlier backward"
                    + " pass; ask that one to retain the graph");
        }
        if (savedVersions.length > i && saved[i].storage().version() != savedVersions[i]) {
            throw new StaleTensorException(op.name() + ": saved tensor " + i + " " + saved[i].shape()
                    + " was overwritten in place after this operation saved it for the backward pass");
        }
        return saved[i];
    }

    /// Whether the backward pass that runs now may overwrite what [#save] was given at place `i`: it belongs to the
    /// call, and nobody reads it later.
    public boolean mayOverwriteSaved(int i) {
        return last && own.contains(saved[i].storage());
    }

    /// Leaves memory that was saved for the backward pass, and belongs to the call, to whoever asks: true, once.
    public boolean gives(Storage storage) {
        if (!own.contains(storage)) {
            return false;
        }
        own = own.stream().filter(other -> other != storage).toList();
        return true;
    }

    /// Ends the forward pass: the result and what was saved leave the scope of its temporaries. A result
    /// that is one of the inputs becomes a tensor of its own.
    Tensor finish(Scope scope, Tensor result) {
        Storage made = result.storage();
        if (saved.length > 0) {
            own(scope, made);
        }
        scope.keep(made);
        for (Tensor input : inputs) {
            if (input == result) {
                return result.detach();
            }
        }
        return result;
    }

    private void own(Scope scope, Storage made) {
        List<Storage> mine = new ArrayList<>();
        savedVersions = new long[saved.length];
        for (int i = 0; i < saved.length; i++) {
            Storage storage = saved[i].storage();
            savedVersions[i] = storage.version();
            if (storage != made && scope.holds(storage)) {
                scope.keep(storage);
                mine.add(storage);
            }
        }
        own = mine;
    }

    public Device device() {
        return device;
    }

    public Backend backend() {
        return device.backend();
    }

    /// A new dense tensor on the call's device, its elements not yet set.
    public Tensor empty(DType dtype, Shape shape) {
        return Tensor.empty(op.name(), device, dtype, shape);
    }
}
