/// Clusters that are not there: what a step of a mixture of experts would take on devices and links of stated speeds,
/// with the real planners deciding over recorded or drawn loads.
package org.lehr.engine.distributed.simulate;
