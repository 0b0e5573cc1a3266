/// What can be put around any optimizer. A new one is a public record here, found by its name.
package org.lehr.engine.optim.wrapper;
