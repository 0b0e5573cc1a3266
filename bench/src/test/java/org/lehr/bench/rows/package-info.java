/// What is measured: one file for each kind of work.
///
/// A class here that implements [org.lehr.bench.Rows] and has a public constructor without parameters is found without
/// being listed anywhere. A row needs a name, its useful work, and a lambda for each engine:
///
/// ```java
/// public final class SiluRows implements Rows {
///     @Override
///     public Stream<Row> rows() {
///         return Stream.of(Operation.both(
///                 "silu/2048x1536", Cost.floats(5.0 * 2048 * 1536), x -> Silu.silu(x[0]), x -> x[0].silu(),
///                 new long[] {2048, 1536}));
///     }
/// }
/// ```
///
/// [org.lehr.bench.Operation#forward] times the call, [org.lehr.bench.Operation#both] the call and its backward pass
/// from a random gradient of the result. Inputs are standard normal float32 of the shapes given, or what
/// [org.lehr.bench.Operation#withInputs] makes. Results and gradients of both engines are compared before anything is
/// timed. [org.lehr.bench.Cost] says how many operations or bytes the work cannot do without; the share of the
/// machine's measured limit is reckoned from it.
///
/// Whole steps are [org.lehr.bench.TrainingStep]s: a model class for each engine, whose first losses must agree.
///
/// `./lehr bench silu` then prints the row, taken on one thread and on all, beside the best of libtorch's settings.
package org.lehr.bench.rows;
