package org.lehr.engine.train.run;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// The messages of TensorBoard's `event.proto` and `summary.proto` that are written here, as protocol buffer bytes.
final class TensorBoardEvent {

    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SCALAR = 2;
    private static final int VALUE_TENSOR = 8;
    private static final int VALUE_METADATA = 9;

    private static final int METADATA_PLUGIN = 1;
    private static final int PLUGIN_NAME = 1;

    private static final int TENSOR_DTYPE = 1;
    private static final int TENSOR_SHAPE = 2;
    private static final int TENSOR_STRINGS = 8;
    private static final int DTYPE_STRING = 7;
    private static final int SHAPE_DIMENSION = 2;
    private static final int DIMENSION_SIZE = 1;

    private static final int SESSION_STATUS = 1;
    private static final int SESSION_START = 1;

    private static final int WIRE_VARINT = 0;
    private static final int WIRE_FIXED64 = 1;
    private static final int WIRE_BYTES = 2;
    private static final int WIRE_FIXED32 = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private TensorBoardEvent() {}

    /// The first event of every file.
    static byte[] version(double wallTime) {
        return new TensorBoardEvent()
                .fixed64(WALL_TIME, Double.doubleToRawLongBits(wallTime))
                .text(FILE_VERSION, "brain.Event:2")
                .toBytes();
    }

    /// Says that events of `step` and later ones, written before, are void.
    static byte[] restart(double wallTime, long step) {
        return at(wallTime, step)
                .message(SESSION_LOG, new TensorBoardEvent().varint(SESSION_STATUS, SESSION_START))
                .toBytes();
    }

    static byte[] scalar(double wallTime, long step, String tag, float value) {
        TensorBoardEvent point =
                new TensorBoardEvent().text(VALUE_TAG, tag).fixed32(VALUE_SCALAR, Float.floatToRawIntBits(value));
        return at(wallTime, step)
                .message(SUMMARY, new TensorBoardEvent().message(SUMMARY_VALUE, point))
                .toBytes();
    }

    static byte[] text(double wallTime, long step, String tag, String text) {
        TensorBoardEvent plugin = new TensorBoardEvent().text(PLUGIN_NAME, "text");
        TensorBoardEvent dimension = new TensorBoardEvent().varint(DIMENSION_SIZE, 1);
        TensorBoardEvent tensor = new TensorBoardEvent()
                .varint(TENSOR_DTYPE, DTYPE_STRING)
                .message(TENSOR_SHAPE, new TensorBoardEvent().message(SHAPE_DIMENSION, dimension))
                .text(TENSOR_STRINGS, text);
        TensorBoardEvent value = new TensorBoardEvent()
                .text(VALUE_TAG, tag)
                .message(VALUE_TENSOR, tensor)
                .message(VALUE_METADATA, new TensorBoardEvent().message(METADATA_PLUGIN, plugin));
        return at(wallTime, step)
                .message(SUMMARY, new TensorBoardEvent().message(SUMMARY_VALUE, value))
                .toBytes();
    }

    private static TensorBoardEvent at(double wallTime, long step) {
        return new TensorBoardEvent()
                .fixed64(WALL_TIME, Double.doubleToRawLongBits(wallTime))
                .varint(STEP, step);
    }

    private TensorBoardEvent varint(int field, long value) {
        raw(field << 3 | WIRE_VARINT);
        raw(value);
        return this;
    }

    private TensorBoardEvent fixed64(int field, long value) {
        raw(field << 3 | WIRE_FIXED64);
        littleEndian(value, 8);
        return this;
    }

    private TensorBoardEvent fixed32(int field, int value) {
        raw(field << 3 | WIRE_FIXED32);
        littleEndian(value, 4);
        return this;
    }

    private TensorBoardEvent text(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private TensorBoardEvent message(int field, TensorBoardEvent message) {
        return bytes(field, message.toBytes());
    }

    private TensorBoardEvent bytes(int field, byte[] value) {
        raw(field << 3 | WIRE_BYTES);
        raw(value.length);
        bytes.writeBytes(value);
        return this;
    }

    /// Seven bits a byte, lowest first, the top bit set on all but the last.
    private void raw(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void littleEndian(long value, int count) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (value >>> 8 * i));
        }
    }

    private byte[] toBytes() {
        return bytes.toByteArray();
    }
}
