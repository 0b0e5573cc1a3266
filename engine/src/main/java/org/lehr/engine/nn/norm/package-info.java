/// Normalisations beyond those of the last dimension: over a batch, over groups of channels, and of weights. Layers
/// keep
/// what they have seen of earlier batches in buffers, which are saved with the parameters.
package org.lehr.engine.nn.norm;
