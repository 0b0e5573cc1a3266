/// Experts on several ranks: collectives that bring some experts to some ranks and take their gradients back, the bank
/// of
/// experts that is built on them, and a training step over it (fully sharded sparse data parallelism, Qing et al.
/// 2025).
package org.lehr.engine.distributed.sparse;
