package org.lehr.bench.step;

import org.lehr.engine.nn.ssm.Mamba;

/// The model of a training-step comparison: Mamba blocks with the usual sizes, and the table of tokens as head.
public record MambaShape(int layers, int width, int vocabulary, int batch, int context) {

    public static final MambaShape SMALL = new MambaShape(4, 256, 512, 4, 256);

    static final double RATE = 1e-3;
    static final double WEIGHT_DECAY = 0.01;
    static final double EPSILON = 1e-5;

    Mamba.Form mixer() {
        return Mamba.Form.of(width);
    }

    int channels() {
        return 2 * width;
    }

    int tokens() {
        return batch * context;
    }

    /// The tokens of a step from number `first` on of a fixed, arbitrary sequence.
    long[] tokens(int first) {
        long[] tokens = new long[tokens()];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = Math.floorMod((first + i) * 2654435761L + ((first + i) >> 3) * 40503L, vocabulary);
        }
        return tokens;
    }

    /// Useful multiplications and additions of a training step: two for each weight and token forward, twice that
    /// backward; and of the scan, for each number of a state, five and an exponential forward, twice that backward.
    public double operations() {
        Mamba.Form form = mixer();
        double products = 3.0 * width * channels() + channels() * (2.0 * form.rank() + 2 * form.states());
        double scan = 6.0 * channels() * form.states();
        return 3.0 * tokens() * (layers * (2 * products + scan) + 2.0 * vocabulary * width);
    }
}
