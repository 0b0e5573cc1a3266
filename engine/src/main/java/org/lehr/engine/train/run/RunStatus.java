package org.lehr.engine.train.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import org.lehr.engine.io.AtomicFiles;
import org.lehr.engine.io.FormatException;

/// How a run stands, kept in `status.json`.
///
/// @param state whether it goes on, and how it ended
/// @param step the last finished step
/// @param message why it ended, for people; may be empty
/// @param results final numbers by name, such as those of `--json`
public record RunStatus(State state, long step, String message, SequencedMap<String, Object> results) {

    /// How far a run is. A process that was killed leaves [#RUNNING]; [RunIndex] tells that from a living one.
    public enum State {
        RUNNING,
        FINISHED,
        INTERRUPTED,
        FAILED
    }

    public RunStatus {
        results = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(results));
    }

    /// A run at work.
    public static RunStatus running(long step) {
        return new RunStatus(State.RUNNING, step, "", new LinkedHashMap<>());
    }

    /// A run that came to its end, with its final numbers.
    public static RunStatus finished(long step, SequencedMap<String, Object> results) {
        return new RunStatus(State.FINISHED, step, "", results);
    }

    void write(Path file) throws IOException {
        SequencedMap<String, Object> members = new LinkedHashMap<>();
        members.put("state", state.name().toLowerCase(Locale.ROOT));
        members.put("step", step);
        members.put("message", message);
        members.put("results", results);
        AtomicFiles.writeString(file, RunJson.pretty(members));
    }

    /// What stands in `file`; a run that has not begun where it is absent, as after a kill while the folder was
    /// made.
    static RunStatus read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return running(0);
        }
        Map<String, Object> members = RunJson.read(file);
        SequencedMap<String, Object> results = new LinkedHashMap<>();
        if (members.get("results") instanceof Map<?, ?> map) {
            map.forEach((name, value) -> results.put(String.valueOf(name), value));
        }
        long step = members.get("step") instanceof Number number ? number.longValue() : 0;
        String message = members.get("message") instanceof String text ? text : "";
        return new RunStatus(state(file, String.valueOf(members.get("state"))), step, message, results);
    }

    private static State state(Path file, String name) throws FormatException {
        for (State state : State.values()) {
            if (state.name().toLowerCase(Locale.ROOT).equals(name)) {
                return state;
            }
        }
        throw new FormatException(
                file, "state \"" + name + "\": expected one of running, finished, interrupted, failed");
    }
}
