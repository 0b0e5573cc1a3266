package org.lehr.engine.nn.transformer;

import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.LayerNorm;
import org.lehr.engine.nn.RmsNorm;
import org.lehr.engine.nn.norm.PowerNorm;

/// Makes the norms of a model, each over the last dimension.
@FunctionalInterface
public interface NormFactory {

    /// A norm of `width` features.
    Layer make(long width);

    /// Layer norm with gain and bias.
    static NormFactory layer(double epsilon) {
        return width -> new LayerNorm(width, true, epsilon);
    }

    /// Root-mean-square norm with a gain.
    static NormFactory rms(double epsilon) {
        return width -> new RmsNorm(width, epsilon);
    }

    /// Division by running root mean squares (Shen et al. 2020).
    static NormFactory power(PowerNorm.Form form) {
        return width -> new PowerNorm(width, form);
    }
}
