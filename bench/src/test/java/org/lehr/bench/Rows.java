package org.lehr.bench;

import java.util.stream.Stream;

/// The rows of a file. Every class of the package `org.lehr.bench.rows` with this interface and a constructor without
/// parameters is found by its being there.
public interface Rows {

    /// New rows at each call: a row may keep state between its calls.
    Stream<Row> rows();
}
