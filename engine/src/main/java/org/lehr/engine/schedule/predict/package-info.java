/// What can be known of a schedule before it is used: bounds from convex theory, laws that predict losses, refinement
/// from recorded gradients, and the fits that searches of rates need.
package org.lehr.engine.schedule.predict;
