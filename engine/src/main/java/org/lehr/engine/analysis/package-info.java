/// What only looks at models: the curvature of losses, and how signals and weights change.
package org.lehr.engine.analysis;
