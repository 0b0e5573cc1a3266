package org.lehr.engine.nn.hybrid;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Module;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.ssm.Mamba;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Compare;
import org.lehr.engine.tensor.op.Concat;

/// Mamba that keeps what its state would lose (MemMamba, Wang et al. 2025). Of `n = norm(x)` and `m = mamba(n)`:
///
/// ```
/// importance i = σ(w·n + b)       tokens with i > τ₁ leave the summary i·S·n in a pool of bounded size
/// forgetting f = σ(w'·m + b')     where f > τ₂, f·attention(n, pool) is added
/// x + m + [f > τ₂]·f·attention(n, pool) + attention(n, pools of the blocks before)
/// ```
///
/// the last term in every p-th block. The paper leaves the nets that score open; here each is a linear map, and because
/// summaries and answers are multiplied by the scores that choose them, the scores learn although choosing does not.
/// Pools change at the ends of segments: within one, the state remembers alone, and all of it is computed at once.
/// What a block holds, and what a token costs, is bounded whatever came before. `x [b, t, n] → [b, t, n]`
public final class MemMambaBlock extends Module {

    private final MemMambaForm form;
    private final RmsNorm norm;
    private final Mamba mixer;
    private final Linear importance;
    private final Linear summary;
    private final Linear forgetting;
    private final PoolAttention acrossTokens;
    private final PoolAttention acrossLayers;

    /// What a block knows of the past.
    ///
    /// @param mixer the state of the mixer
    /// @param pool what was kept of the segments that ended
    /// @param summaries `[b, r, n]` of the `r` tokens of the present segment
    /// @param scores `[b, r]`, their importance
    public record State(Mamba.State mixer, MemoryPool pool, Tensor summaries, Tensor scores) {}

    /// What a run gives: its output, the state after it, and the pool that each part of a segment was read with.
    record Read(Tensor y, State state, List<MemoryPool> pools) {}

    /// @param index of the block in the model
    /// @param layers blocks of the model
    public MemMambaBlock(MemMambaForm form, int index, int layers, RandomStream random) {
        this.form = form;
        long width = form.mamba().width();
        Initializer zero = Initializer.constant(0);
        Initializer output = (dtype, shape, stream) ->
                Initializer.fanInUniform().make(dtype, shape, stream).div(Math.sqrt(layers));
        norm = child("norm", new RmsNorm(width, 1e-5));
        mixer = child("mixer", new Mamba(form.mamba(), layers, random.split("mixer")));
        importance = child("importance", new Linear(width, 1, true, random.split("importance")));
        summary = child("summary", new Linear(width, width, false, random.split("summary")));
        forgetting =
                child("forgetting", new Linear(width, 1, zero, Initializer.fanInUniform(), random.split("forgetting")));
        acrossTokens =
                child("cross_token", new PoolAttention(width, form.heads(), output, random.split("cross_token")));
        acrossLayers = index > 0 && (index + 1) % form.every() == 0
                ? child("cross_layer", new PoolAttention(width, form.heads(), output, random.split("cross_layer")))
                : null;
    }

    /// The state of `batch` sequences of which nothing was read.
    public State start(long batch) {
        Tensor like = summary.weight().value();
        long width = form.mamba().width();
        return new State(
                mixer.start(batch),
                MemoryPool.empty(like.device(), like.dtype(), batch, form.places(), width),
                Tensor.full(0, like.device(), like.dtype(), batch, 0, width),
                Tensor.full(0, like.device(), like.dtype(), batch, 0));
    }

    /// Reads `x [b, t, n]` after what led to `state`.
    ///
    /// @param earlier for each block before this one, the pools that it read the same `x` with
    Read run(Tensor x, State state, List<List<MemoryPool>> earlier) {
        Tensor normed = norm.apply(x);
        var mixed = mixer.run(normed, state.mixer);
        Tensor scores = importance.apply(normed).sigmoid();
        Tensor summaries = summary.apply(normed).mul(scores);
        Tensor asked = gate(forgetting.apply(mixed.y()).sigmoid());
        Held held = new Held(state.pool, state.summaries, state.scores);
        List<Tensor> answers = new ArrayList<>();
        List<MemoryPool> pools = new ArrayList<>();
        for (long from = 0; from < x.extent(1); ) {
            long to = Math.min(x.extent(1), from + form.segment() - held.scores.extent(1));
            Tensor part = normed.slice(1, from, to);
            Tensor answer = acrossTokens.apply(part, held.pool).mul(asked.slice(1, from, to));
            if (acrossLayers != null) {
                int segment = pools.size();
                MemoryPool others = MemoryPool.joined(
                        earlier.stream().map(block -> block.get(segment)).toArray(MemoryPool[]::new));
                answer = answer.add(acrossLayers.apply(part, others));
            }
            answers.add(answer);
            pools.add(held.pool);
            held = held.with(
                    summaries.slice(1, from, to), scores.slice(1, from, to).squeeze(2), form);
            from = to;
        }
        Tensor y = x.add(mixed.y());
        Tensor all = answers.isEmpty() ? y : y.add(Concat.concat(1, answers.toArray(Tensor[]::new)));
        return new Read(all, new State(mixed.state(), held.pool, held.summaries, held.scores), pools);
    }

    /// The pool, and what the present segment will bring to it.
    private record Held(MemoryPool pool, Tensor summaries, Tensor scores) {

        Held with(Tensor moreSummaries, Tensor moreScores, MemMambaForm form) {
            Tensor all = Concat.concat(1, summaries, moreSummaries);
            Tensor allScores = Concat.concat(1, scores, moreScores);
            return allScores.extent(1) < form.segment()
                    ? new Held(pool, all, allScores)
                    : new Held(
                            pool.with(all, allScores, form.importantFrom()),
                            all.slice(1, 0, 0),
                            allScores.slice(1, 0, 0));
        }
    }

    /// The score where it is above τ₂, 0 elsewhere.
    private Tensor gate(Tensor score) {
        Tensor threshold = Tensor.full(form.forgottenFrom(), score.device(), score.dtype(), 1);
        return score.mul(Compare.greater(score, threshold).to(score.dtype()));
    }
}
