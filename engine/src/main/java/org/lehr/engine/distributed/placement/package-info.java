/// Which device holds which expert: placements, the planners that choose them, and forecasts of the loads that they
/// choose by. Pure functions over numbers, without tensors and without communication (Qing et al. 2025, Hecate).
package org.lehr.engine.distributed.placement;
