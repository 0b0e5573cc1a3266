/// Attention, what queries may see, and the ways in which positions enter: rotations, biases, buckets.
package org.lehr.engine.nn.attention;
