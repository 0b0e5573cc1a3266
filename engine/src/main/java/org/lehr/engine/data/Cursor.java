package org.lehr.engine.data;

/// A place in the endless sequence of training windows: `position` windows of pass `epoch` have been handed out.
public record Cursor(long epoch, long position) {
    /// Nothing has been handed out.
    public static final Cursor START = new Cursor(0, 0);

    public Cursor {
        if (epoch < 0 || position < 0) {
            throw new IllegalArgumentException(
                    "cursor: epoch and position must not be negative, got " + epoch + " and " + position);
        }
    }
}
