/// Chains of pointwise operations in one pass over memory.
///
/// A [Chain] says which operations follow one another; [ChainKernel] runs it. Its shape ([LoopShape]) is looked
/// up among the last ones used; [Program] cuts it into loops, which [LoopWriter] writes as class files. What one
/// operation does is said only once, by its class in `pointwise`: the generated loop calls that and the compiler
/// inlines
/// it.
///
/// May use `convert`, `lanes`, `memory`, `parallel`, `pointwise`.
package org.lehr.kernels.fusion;
