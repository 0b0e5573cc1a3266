package org.lehr.engine.nn.ssm;

import org.lehr.engine.nn.SequenceLayer;
import org.lehr.engine.tensor.RandomStream;

/// The shape of a mixer of times, from which [MambaBlock] makes its own: what [MambaLM] asks of [Mamba], [Mamba2] and
/// whoever else mixes.
///
/// @param <S> the state of the mixer
public interface MixerForm<S> {

    /// Width of the stream.
    long width();

    /// A mixer `[b, t, width] → [b, t, width]` at its first values.
    ///
    /// @param layers mixers that add to the same stream, which the first weights of the last map shrink with
    SequenceLayer<S> mixer(int layers, RandomStream random);

    /// Floating-point operations that the recurrence takes for each token, beside those of maps.
    double recurrenceFlops();
}
