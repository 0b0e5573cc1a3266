/// Whole networks for images and for vectors, by the sizes that their papers name.
package org.lehr.engine.nn.vision;
