/// Training of small models on memory tasks, to see what an architecture can remember.
package org.lehr.engine.train.task;
