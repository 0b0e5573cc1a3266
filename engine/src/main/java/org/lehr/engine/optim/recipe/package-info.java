/// Optimizers by name, most of them chains of [transforms][org.lehr.engine.optim.transform]. A new one is a public
/// record here, with a [default][org.lehr.engine.optim.Default] for each component, and rows in its tests.
package org.lehr.engine.optim.recipe;
