/// Last layers of models whose classes or tasks become more during training.
package org.lehr.engine.nn.head;
