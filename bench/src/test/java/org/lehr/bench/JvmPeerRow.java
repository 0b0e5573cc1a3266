package org.lehr.bench;

/// Work that another engine for the JVM also does, as its users get it: from its own class path, with no settings.
///
/// @param engine `djl` or `nd4j`, a folder of `bench/peers`
/// @param title  the engine's name
/// @param task   what the engine's process is asked for, checked there
/// @param ours   the name of the row that is the same work of ours, checked there
public record JvmPeerRow(String name, String engine, String title, String task, String ours) implements Row {

    @Override
    public boolean large() {
        return true;
    }
}
