/// How initial values and rates follow the size of a model, so that what was tuned on a small one holds for a large
/// one.
package org.lehr.engine.nn.scaling;
