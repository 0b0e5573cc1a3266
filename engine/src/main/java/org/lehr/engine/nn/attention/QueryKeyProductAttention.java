package org.lehr.engine.nn.attention;

import java.util.function.UnaryOperator;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Shape;
import org.lehr.engine.tensor.ShapeMismatchException;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

/// Attention whose maps to queries and keys act as one matrix for each head (Liu, Liu, Cheng 2023):
/// `scores = x·(W_qᵀ·W_k)·xᵀ/√d`, so that a change of weights, such as quantisation, can act on what the scores depend
/// on
/// instead of on each factor. Weights `q_proj`, `k_proj`, `v_proj`, `o_proj` as in an ordinary layer, without biases.
/// `x [b, t, n] → [b, t, n]`
public final class QueryKeyProductAttention extends Layer {

    private final AttentionForm form;
    private final boolean causal;
    private final Parameter query;
    private final Parameter key;
    private final Linear value;
    private final Linear output;
    private UnaryOperator<Tensor> change = UnaryOperator.identity();

    /// @param form with as many key heads as heads, without norms, biases, positions, caps and windows
    /// @param causal whether no position sees a later one
    public QueryKeyProductAttention(AttentionForm form, boolean causal, Initializer weight, RandomStream random) {
        AttentionForm.Choices choices = form.choices();
        boolean plain = choices.norm() == QueryKeyNorm.NONE && !choices.inputBias() && !choices.outputBias();
        if (form.keyHeads() != form.heads() || !plain || choices.softCap() != 0 || choices.window() != 0) {
            throw new IllegalArgumentException("query-key product: needs as many key heads as heads and plain choices,"
                    + " got " + form.heads() + " heads, " + form.keyHeads() + " key heads, " + choices);
        }
        this.form = form;
        this.causal = causal;
        long inner = form.heads() * form.headWidth();
        Shape shape = Shape.of(inner, form.width());
        query = parameter("q_proj.weight", weight.make(DType.FLOAT32, shape, random.split("q_proj")));
        key = parameter("k_proj.weight", weight.make(DType.FLOAT32, shape, random.split("k_proj")));
        value = child("v_proj", new Linear(form.width(), inner, null, weight, random.split("v_proj")));
        output = child("o_proj", new Linear(inner, form.width(), null, weight, random.split("o_proj")));
    }

    /// Lets the scores see what `change` makes of the products `[h, n, n]`.
    public void through(UnaryOperator<Tensor> change) {
        this.change = change;
    }

    /// `W_qᵀ·W_k` of each head, before any change. `→ [h, n, n]`
    public Tensor products() {
        return perHead(query).transpose(1, 2).matmul(perHead(key));
    }

    /// `[h, d, n]`
    private Tensor perHead(Parameter weight) {
        return weight.value().reshape(form.heads(), form.headWidth(), form.width());
    }

    @Override
    protected Tensor forward(Tensor x) {
        if (x.rank() != 3 || x.extent(2) != form.width()) {
            throw new ShapeMismatchException("query-key product: needs [b, t, " + form.width() + "], got " + x.shape());
        }
        long b = x.extent(0);
        long t = x.extent(1);
        // Queries of full width against the stream itself as the only key head; queries · stream = x·P·xᵀ.
        Tensor queries = x.unsqueeze(1).matmul(change.apply(products()));
        Tensor keys = x.unsqueeze(1);
        Tensor values =
                value.apply(x).reshape(b, t, form.heads(), form.headWidth()).transpose(1, 2);
        double scale = Double.isNaN(form.choices().scale())
                ? 1 / Math.sqrt(form.headWidth())
                : form.choices().scale();
        Tensor all = keys.expand(b, form.heads(), t, form.width());
        Tensor attended = new SoftmaxCore(scale, 0)
                .attend(queries, all, values, null, causal ? AttentionMask.CAUSAL : AttentionMask.FULL);
        return output.apply(attended.transpose(1, 2).reshape(b, t, form.heads() * form.headWidth()));
    }
}
