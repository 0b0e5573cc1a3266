/// Layers whose nonlinear functions are learned: splines on edges, rational functions of groups of features.
package org.lehr.engine.nn.kan;
