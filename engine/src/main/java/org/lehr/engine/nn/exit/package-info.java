/// Networks that answer early where the answer is easy.
package org.lehr.engine.nn.exit;
