/// File formats: safetensors (single and sharded), npy and npz, IDX; and files that are replaced whole or not at all.
///
/// What belongs here: readers and writers that turn bytes into [org.lehr.kernels.View] and back, with nothing of
/// tensors, models or training. May import `org.lehr.kernels` and `org.lehr.kernels.memory`, and nothing else of
/// this module. A reader treats its file as hostile: every size is checked before memory is asked for, and each
/// refusal is a [org.lehr.engine.io.FormatException] that names file, place, value and expectation.
///
/// To add a format, write one class with `read` or `open`, and let its test build the bytes by hand from the
/// format's specification.
package org.lehr.engine.io;
