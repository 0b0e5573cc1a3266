/// Ranks that work together: how they exchange tensors, as threads of one process or as processes of one or more
/// machines.
package org.lehr.engine.distributed;
