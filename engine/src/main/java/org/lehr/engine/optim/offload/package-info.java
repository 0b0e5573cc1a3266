/// Optimizer state that lives in a file, and how its updates are spread.
package org.lehr.engine.optim.offload;
