package org.lehr.engine.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;
import org.lehr.engine.tensor.op.*;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Scope;
import org.lehr.kernels.memory.Storage;

/// An n-dimensional array on a device: immutable metadata over storage that views share.
///
/// Names and meanings follow NumPy and PyTorch: operations broadcast, negative dimensions count from the end,
/// reductions
/// keep or drop what they reduced. The methods here are the well-known core; every other operation is a static method
/// of
/// its own class in `org.lehr.engine.tensor.op` and its neighbours.
///
/// Nobody has to free a tensor. Memory goes back when a [Scope] closes, when the backward pass has consumed it, or
/// when the collector finds it unreachable.
public final class Tensor {

    private static final class Service {
        static final Differentiator DIFFERENTIATOR =
                ServiceLoader.load(Differentiator.class).findFirst().orElseThrow();
    }

    private final View view;
    private final Device device;
    private final Shape shape;
    private Node node;
    private boolean leafRequiresGradient;
    private Tensor gradient;
    private List<UnaryOperator<Tensor>> leafHooks = List.of();

    /// A constant over existing memory.
    public Tensor(View view, Device device) {
        this(view, device, Shape.of(view.shape()));
    }

    private Tensor(View view, Device device, Shape shape) {
        this.view = view;
        this.device = device;
        this.shape = shape;
    }

    // ---- making tensors -------------------------------------------------------------------------------------

    /// A dense tensor whose elements are not set.
    ///
    /// @param owner what it is for, named when memory runs out
    public static Tensor empty(String owner, Device device, DType dtype, Shape shape) {
        Storage storage = device.backend().allocate(Math.multiplyExact(shape.size(), (long) dtype.bytes()), owner);
        return new Tensor(View.rowMajor(storage, dtype, shape.toArray()), device, shape);
    }

    /// A dense tensor with every element set to `value`, converted to `dtype`.
    public static Tensor full(double value, Device device, DType dtype, long... extents) {
        Tensor tensor = empty("full", device, dtype, Shape.of(extents));
        device.backend().pointwise().fill(tensor.view, value);
        return tensor;
    }

    /// Float32 zeros on the current device.
    public static Tensor zeros(long... extents) {
        return full(0, Device.current(), DType.FLOAT32, extents);
    }

    /// Float32 ones on the current device.
    public static Tensor ones(long... extents) {
        return full(1, Device.current(), DType.FLOAT32, extents);
    }

    /// A tensor of this shape on the current device holding `values` in row-major order; no shape means one
    /// dimension, or
    /// a scalar for one value.
    public static Tensor of(float[] values, long... extents) {
        return HostCopy.in(HostCopy.segment(values), DType.FLOAT32, values.length, extents);
    }

    /// As [#of(float\[\], long...)], float64.
    public static Tensor of(double[] values, long... extents) {
        return HostCopy.in(HostCopy.segment(values), DType.FLOAT64, values.length, extents);
    }

    /// As [#of(float\[\], long...)], int64.
    public static Tensor of(long[] values, long... extents) {
        return HostCopy.in(HostCopy.segment(values), DType.INT64, values.length, extents);
    }

    /// As [#of(float\[\], long...)], int32.
    public static Tensor of(int[] values, long... extents) {
        return HostCopy.in(HostCopy.segment(values), DType.INT32, values.length, extents);
    }

    /// As [#of(float\[\], long...)], bool.
    public static Tensor of(boolean[] values, long... extents) {
        return HostCopy.in(HostCopy.segment(values), DType.BOOL, values.length, extents);
    }

    /// A float32 scalar on the current device.
    public static Tensor scalar(double value) {
        return full(value, Device.current(), DType.FLOAT32);
    }

    /// A scalar with this tensor's dtype and device.
    public Tensor scalarLike(double value) {
        return full(value, device, dtype());
    }

    /// A dense tensor of this shape, dtype and device with every element `value`.
    public Tensor fullLike(double value) {
        return full(value, device, dtype(), shape.toArray());
    }

    // ---- what it is -----------------------------------------------------------------------------------------

    public Shape shape() {
        return shape;
    }

    public long extent(int dimension) {
        return shape.extent(dimension);
    }

    public int rank() {
        return shape.rank();
    }

    public long size() {
        return shape.size();
    }

    public DType dtype() {
        return view.dtype();
    }

    public Device device() {
        return device;
    }

    /// The memory behind it, for kernels. What was [put off][org.lehr.kernels.fusion.Fusion] is computed now.
    public View view() {
        view.storage().complete();
        return view;
    }

    /// Where its elements stand, or will stand: [#view] without computing anything, for whoever reads no values.
    public View layout() {
        return view;
    }

    /// What its memory belongs to, shared by its views; nothing is computed.
    public Storage storage() {
        return view.storage();
    }

    public boolean isContiguous() {
        return view.isContiguous();
    }

    /// `float32[8, 384]`, with `requires gradient` where it does. For values see [#toFloatArray].
    @Override
    public String toString() {
        return dtype() + shape.toString() + (requiresGradient() ? " requiring gradient" : "");
    }

    // ---- applying operations --------------------------------------------------------------------------------

    /// Applies an operation and records it when recording is on and an input wants a gradient.
    public static Tensor apply(Op op, Tensor... inputs) {
        Device device = inputs[0].device;
        boolean wanted = false;
        for (Tensor input : inputs) {
            if (input.device != device) {
                throw new DeviceMismatchException(
                        op.name() + ": inputs are on different devices: " + device + " and " + input.device);
            }
            wanted |= input.requiresGradient();
        }
        boolean record = wanted && Recording.isOn();
        if (wanted && !record) {
            Recording.observe(inputs);
        }
        Call call = new Call(op, device, inputs, record);
        Tensor result;
        try (Scope scope = Scope.open()) {
            result = record ? Recording.off(() -> op.forward(call)) : op.forward(call);
            result = call.finish(scope, result);
        }
        if (FiniteCheck.isOn()) {
            FiniteCheck.check(op, "", result, inputs);
        }
        if (record && result.dtype().isFloating()) {
            call.record(result);
            result.node = new Node(op, call, inputs, result.shape);
        } else {
            call.release();
        }
        return result;
    }

    // ---- gradients ------------------------------------------------------------------------------------------

    /// Whether gradients flow to or through this tensor.
    public boolean requiresGradient() {
        return leafRequiresGradient || node != null;
    }

    /// A leaf over the same memory that collects a gradient.
    public Tensor requiringGradient() {
        if (!dtype().isFloating()) {
            throw new NotDifferentiableException("requiring a gradient: needs a floating dtype, got " + this);
        }
        Tensor leaf = new Tensor(view, device, shape);
        leaf.leafRequiresGradient = true;
        return leaf;
    }

    /// The same values as a constant (stop-gradient).
    public Tensor detach() {
        return new Tensor(view, device, shape);
    }

    /// What produced this tensor, null for constants and leaves.
    public Node node() {
        return node;
    }

    /// The gradient that backward passes have accumulated in this leaf, null before the first.
    public Tensor gradient() {
        return gradient;
    }

    /// Replaces the accumulated gradient; null clears it.
    public void setGradient(Tensor replacement) {
        if (replacement != null) {
            if (!replacement.shape.equals(shape)) {
                throw new ShapeMismatchException(
                        "gradient: expected the shape " + shape + " of the leaf, got " + replacement.shape);
            }
            replacement.view.storage().complete();
            Scope.detach(replacement.view.storage());
        }
        gradient = replacement;
    }

    /// Accumulates the gradient of this scalar into every leaf that it depends on, and releases the graph.
    public void backward() {
        if (size() != 1) {
            throw new ShapeMismatchException(
                    "backward: a gradient to start from is needed for anything but one number, got " + shape);
        }
        backward(Recording.off(() -> fullLike(1)), false);
    }

    /// As [#backward()] with the gradient of this tensor given.
    ///
    /// @param retainGraph whether another backward pass through the same graph may follow
    public void backward(Tensor seed, boolean retainGraph) {
        Service.DIFFERENTIATOR.backward(this, seed, retainGraph);
    }

    /// Adds a function that sees the gradient of this tensor during backward passes and returns it or a
    /// replacement.
    public GradientHook onGradient(UnaryOperator<Tensor> hook) {
        if (node != null) {
            node.addHook(hook);
            return () -> node.removeHook(hook);
        }
        if (!leafRequiresGradient) {
            throw new NotDifferentiableException("gradient hook: " + this + " requires no gradient");
        }
        leafHooks = java.util.stream.Stream.concat(leafHooks.stream(), java.util.stream.Stream.of(hook))
                .toList();
        return () ->
                leafHooks = leafHooks.stream().filter(other -> other != hook).toList();
    }

    /// The hooks of a leaf; those of a result are its node's.
    public List<UnaryOperator<Tensor>> leafHooks() {
        return leafHooks;
    }

    // ---- reading and writing --------------------------------------------------------------------------------

    /// The value of a tensor with one element.
    public double item() {
        if (size() != 1) {
            throw new ShapeMismatchException("item: needs exactly one element, got " + shape);
        }
        return toDoubleArray()[0];
    }

    /// The elements in row-major order, converted to float.
    public float[] toFloatArray() {
        return HostCopy.floats(this);
    }

    /// The elements in row-major order, converted to double.
    public double[] toDoubleArray() {
        return HostCopy.doubles(this);
    }

    /// The elements in row-major order, converted to long.
    public long[] toLongArray() {
        return HostCopy.longs(this);
    }

    /// The elements in row-major order, true where not zero.
    public boolean[] toBooleanArray() {
        return HostCopy.booleans(this);
    }

    /// Overwrites the elements with those of `source` (broadcast, converted, from any device). A graph that saved
    /// the old values
    /// notices.
    public void copyFrom(Tensor source) {
        writable("copy_from");
        view.storage().settle();
        Tensor here = source.device == device ? source : Recording.off(() -> source.to(device));
        device.backend()
                .pointwise()
                .copy(view, Broadcast.expand("copy_from", here, shape).view());
        view.storage().written();
    }

    /// Overwrites every element.
    public void fill(double value) {
        writable("fill");
        view.storage().settle();
        device.backend().pointwise().fill(view, value);
        view.storage().written();
    }

    /// Adds `other` in place.
    public void addInPlace(Tensor other) {
        writable("add_in_place");
        view.storage().settle();
        View right = Broadcast.expand("add_in_place", other, shape).view();
        device.backend().pointwise().map(org.lehr.kernels.pointwise.Add.OP, view, view, right);
        view.storage().written();
    }

    /// Multiplies by `other` in place.
    public void mulInPlace(Tensor other) {
        writable("mul_in_place");
        view.storage().settle();
        View right = Broadcast.expand("mul_in_place", other, shape).view();
        device.backend().pointwise().map(org.lehr.kernels.pointwise.Mul.OP, view, view, right);
        view.storage().written();
    }

    private void writable(String operation) {
        if (Recording.isOn() && requiresGradient()) {
            throw new NotDifferentiableException(
                    operation + ": " + this + " is part of a recorded graph; write to it with recording off");
        }
    }

    // ---- arithmetic -----------------------------------------------------------------------------------------

    public Tensor add(Tensor other) {
        return apply(new Add(), this, other);
    }

    public Tensor add(double other) {
        return apply(new AddScalar(other), this);
    }

    public Tensor sub(Tensor other) {
        return apply(new Sub(), this, other);
    }

    public Tensor sub(double other) {
        return apply(new AddScalar(-other), this);
    }

    public Tensor mul(Tensor other) {
        return apply(new Mul(), this, other);
    }

    public Tensor mul(double other) {
        return apply(new MulScalar(other), this);
    }

    public Tensor div(Tensor other) {
        return apply(new Div(), this, other);
    }

    public Tensor div(double other) {
        return Div.byNumber(this, other);
    }

    public Tensor neg() {
        return apply(new Neg(), this);
    }

    public Tensor exp() {
        return apply(new Exp(), this);
    }

    public Tensor log() {
        return apply(new Log(), this);
    }

    public Tensor sqrt() {
        return apply(new Sqrt(), this);
    }

    public Tensor square() {
        return apply(new Square(), this);
    }

    public Tensor tanh() {
        return apply(new Tanh(), this);
    }

    public Tensor sigmoid() {
        return apply(new Sigmoid(), this);
    }

    public Tensor relu() {
        return apply(new Relu(), this);
    }

    public Tensor abs() {
        return apply(new Abs(), this);
    }

    public Tensor pow(double exponent) {
        return apply(new PowScalar(exponent), this);
    }

    /// Whether each element is less than that of `other`, as bool.
    public Tensor less(Tensor other) {
        return Compare.less(this, other);
    }

    /// Whether each element is greater than that of `other`, as bool.
    public Tensor greater(Tensor other) {
        return Compare.greater(this, other);
    }

    // ---- matrices, reductions, views ------------------------------------------------------------------------

    /// Matrix product of the last two dimensions; the others broadcast. One-dimensional operands as in NumPy.
    public Tensor matmul(Tensor other) {
        return Matmul.matmul(this, other);
    }

    /// Sum over `dimensions` (all when none are named), which disappear.
    public Tensor sum(int... dimensions) {
        return Sum.sum(this, false, dimensions);
    }

    /// Sum over `dimensions` (all when none are named), which stay with extent 1 when `keep`.
    public Tensor sum(boolean keep, int... dimensions) {
        return Sum.sum(this, keep, dimensions);
    }

    public Tensor mean(int... dimensions) {
        return Mean.mean(this, false, dimensions);
    }

    public Tensor mean(boolean keep, int... dimensions) {
        return Mean.mean(this, keep, dimensions);
    }

    /// The largest value over `dimensions` (all when none are named), which disappear.
    public Tensor max(int... dimensions) {
        return Extremum.max(this, false, dimensions);
    }

    /// The smallest value over `dimensions` (all when none are named), which disappear.
    public Tensor min(int... dimensions) {
        return Extremum.min(this, false, dimensions);
    }

    /// Where along `dimension`, which disappears, the largest value stands; int64.
    public Tensor argMax(int dimension) {
        return Argument.argMax(this, dimension);
    }

    /// `exp(x)/Σ exp(x)` along `dimension`.
    public Tensor softmax(int dimension) {
        return Softmax.softmax(this, dimension);
    }

    /// Elements along `dimension` at `indices`; see [Gather].
    public Tensor gather(int dimension, Tensor indices) {
        return Gather.gather(this, dimension, indices);
    }

    /// The same elements in another shape; one extent may be −1. A view where strides allow it, else a copy.
    public Tensor reshape(long... extents) {
        return Reshape.reshape(this, extents);
    }

    /// This tensor with two dimensions swapped, a view.
    public Tensor transpose(int first, int second) {
        int[] order = java.util.stream.IntStream.range(0, rank()).toArray();
        int a = shape.dimension(first, "transpose");
        int b = shape.dimension(second, "transpose");
        order[a] = b;
        order[b] = a;
        return apply(new Permute(order), this);
    }

    /// This tensor with its dimensions in another order, a view.
    public Tensor permute(int... order) {
        return apply(new Permute(order), this);
    }

    /// Dimensions of extent 1 repeated to `extents`, a view that must not be written to.
    public Tensor expand(long... extents) {
        return apply(new Expand(Shape.of(extents)), this);
    }

    /// Elements `from` (inclusive) to `to` (exclusive) of one dimension, a view; negative places count from the
    /// end.
    public Tensor slice(int dimension, long from, long to) {
        return Slice.slice(this, dimension, from, to, 1);
    }

    /// This tensor with a dimension of extent 1 inserted before `dimension`.
    public Tensor unsqueeze(int dimension) {
        int place = dimension < 0 ? dimension + rank() + 1 : dimension;
        if (place < 0 || place > rank()) {
            throw new IndexOutOfBoundsException("unsqueeze: dimension " + dimension + " of " + shape);
        }
        long[] extents = new long[rank() + 1];
        for (int d = 0; d <= rank(); d++) {
            extents[d] = d == place ? 1 : shape.extent(d < place ? d : d - 1);
        }
        return reshape(extents);
    }

    /// This tensor without `dimension`, whose extent must be 1.
    public Tensor squeeze(int dimension) {
        int place = shape.dimension(dimension, "squeeze");
        if (shape.extent(place) != 1) {
            throw new ShapeMismatchException("squeeze: dimension " + dimension + " of " + shape + " is not 1");
        }
        return reshape(
                shape.slice(0, place).then(shape.slice(place + 1, rank())).toArray());
    }

    /// This tensor itself when dense, else a dense copy.
    public Tensor contiguous() {
        return isContiguous() ? this : apply(new Contiguous(), this);
    }

    /// Converted to another dtype; this tensor itself when it has it already.
    public Tensor to(DType dtype) {
        return dtype == dtype() ? this : apply(new Cast(dtype), this);
    }

    /// On another device, dense; this tensor itself when it is there already.
    public Tensor to(Device target) {
        return target == device ? this : apply(new Move(target), this);
    }

    /// Elements as nested brackets, at most a thousand; for people.
    public String format() {
        return size() > 1000 ? this + " (too large to print)" : this + " " + Arrays.toString(toDoubleArray());
    }
}
