/// What ranks note of their collectives, and who is late or lost by these notes.
package org.lehr.engine.distributed.telemetry;
