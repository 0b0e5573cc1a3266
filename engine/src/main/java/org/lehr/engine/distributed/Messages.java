package org.lehr.engine.distributed;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// How one rank exchanges bytes with the others. Ranks are those of the whole world here; channels keep the groups
/// apart. May be used by several threads, but by one at a time for a channel.
interface Messages extends AutoCloseable {

    int rank();

    int size();

    /// Begins to send. The bytes must stay as they are until the result is awaited.
    Pending send(int channel, int to, Header header, MemorySegment bytes);

    /// Waits for the next message of `from`, which must have this header and fill `target`.
    ///
    /// @throws CommunicationException when it has another one, when none comes in time, or when a rank is gone
    void receive(int channel, int from, Header expected, MemorySegment target);

    /// As [#receive], for a reader that does not need the bytes any more when it returns.
    ///
    /// @param size of the message
    void read(int channel, int from, Header expected, long size, Consumer<MemorySegment> reader);

    /// Leaves because this rank failed: everything fails that waits for it now or later.
    ///
    /// @param reason in words, continuing `rank 3`
    void leave(String reason);

    /// Leaves when everything is done; whoever waits for this rank later fails.
    @Override
    void close();
}
