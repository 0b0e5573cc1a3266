/// Plans over more than one schedule: stages with their data, branches off a trunk, sequences of tasks, and changes
/// of the batch size.
package org.lehr.engine.schedule.plan;
