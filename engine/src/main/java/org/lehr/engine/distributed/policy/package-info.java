/// Systems that train mixtures of experts on many devices, as rules for where experts are in each step: expert
/// parallelism, fully sharded data parallelism, shadowing, swaps, replication, and fully sharded sparse data
/// parallelism.
package org.lehr.engine.distributed.policy;
