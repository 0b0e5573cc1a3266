package org.lehr.engine.distributed.telemetry;

import java.util.Locale;

/// Who keeps the others waiting.
public sealed interface Suspect {

    /// Most other ranks wait for it, or it gets late what most others send.
    record SlowRank(int rank, double milliseconds) implements Suspect {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT, "rank %d is slow: others wait %.1f ms in an iteration", rank, milliseconds);
        }
    }

    /// Messages are late on this way only.
    record SlowLink(int from, int to, double milliseconds) implements Suspect {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "the link from rank %d to rank %d is slow: %.1f ms in an iteration",
                    from,
                    to,
                    milliseconds);
        }
    }

    /// Others wait for it, and it waits for nobody.
    record Hung(int rank, double milliseconds) implements Suspect {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "rank %d hangs: others have waited %.0f ms for it", rank, milliseconds);
        }
    }
}
