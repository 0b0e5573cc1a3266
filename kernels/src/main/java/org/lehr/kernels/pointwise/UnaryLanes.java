package org.lehr.kernels.pointwise;

import jdk.incubator.vector.FloatVector;

/// The float32 meaning of a [UnaryOp], a vector of [org.lehr.kernels.lanes.Species#F32] at a time.
///
/// Each lane depends on its own inputs only. Parameters of the operation are fields; the loop reads them once.
@FunctionalInterface
public interface UnaryLanes {

    FloatVector apply(FloatVector x);
}
