/// Layers that compute with few distinct weights while full-precision ones are trained.
package org.lehr.engine.nn.quant;
