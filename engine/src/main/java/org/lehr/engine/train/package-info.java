/// The training step, the run around it, and checkpoints from which a run goes on with the same bits.
package org.lehr.engine.train;
