/// Parts of which optimizers are made, in the manner of optax (Babuschkin et al. 2020): each changes the update of
/// a step, which is the gradient at first and what is subtracted from the parameters in the end.
package org.lehr.engine.optim.transform;
