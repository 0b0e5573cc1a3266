/// Text from a language model.
package org.lehr.engine.generate;
