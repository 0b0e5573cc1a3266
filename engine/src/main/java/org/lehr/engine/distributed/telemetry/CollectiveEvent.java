package org.lehr.engine.distributed.telemetry;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// A collective in the flight recorder.
@Name("lehr.Collective")
@Label("Collective")
@Description("One rank's part in a collective")
@Category("Lehr")
@StackTrace(false)
final class CollectiveEvent extends Event {

    @Label("Rank")
    int rank;

    @Label("Group")
    int group;

    @Label("Operation")
    String operation;

    @Label("Sequence")
    long sequence;

    @Label("Iteration")
    long iteration;

    @Label("Bytes")
    @DataAmount
    long bytes;

    @Label("Waited")
    @Timespan(Timespan.NANOSECONDS)
    long waited;

    /// Is over.
    void finish(int ofRank, CollectiveRecord done) {
        end();
        if (shouldCommit()) {
            rank = ofRank;
            group = done.group();
            operation = done.operation();
            sequence = done.sequence();
            iteration = done.iteration();
            bytes = done.bytes();
            waited = done.waited();
            commit();
        }
    }
}
