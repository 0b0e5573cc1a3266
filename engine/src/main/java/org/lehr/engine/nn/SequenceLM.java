package org.lehr.engine.nn;

import java.util.List;
import org.lehr.engine.tensor.Tensor;

/// A language model that reads tokens in order and can go on where it stopped, which is how it generates.
/// `tokens int [b, t] → logits [b, t, vocabulary]`, for any `t`
///
/// @param <S> the state
public abstract class SequenceLM<S> extends SequenceLayer<S> implements LanguageModel {

    private final String kind;
    private final long vocabulary;
    private final long context;

    /// @param kind names it in errors
    /// @param context tokens of a training sequence; longer ones are read too
    protected SequenceLM(String kind, long vocabulary, long context) {
        this.kind = kind;
        this.vocabulary = vocabulary;
        this.context = context;
    }

    @Override
    public final Tensor logits(Tensor tokens) {
        if (tokens.rank() != 2) {
            throw new IllegalArgumentException(kind + ": tokens must be [b, t], got " + tokens.shape());
        }
        return apply(tokens);
    }

    @Override
    public final Decoding decode(List<int[]> prompts) {
        return new SteppedDecoding<>(this, prompts);
    }

    @Override
    public final long context() {
        return context;
    }

    @Override
    public final long vocabulary() {
        return vocabulary;
    }

    @Override
    public final Module module() {
        return this;
    }
}
