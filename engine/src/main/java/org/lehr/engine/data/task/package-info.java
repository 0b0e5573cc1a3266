/// Made-up problems that only a memory solves: what must be remembered, how long and how much of it is chosen, so that
/// architectures can be told apart in a minute. [org.lehr.engine.data.task.MemoryTasks] lists them.
package org.lehr.engine.data.task;
