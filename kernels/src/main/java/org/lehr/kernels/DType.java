package org.lehr.kernels;

/// What one element is. Arithmetic runs in [#FLOAT32] and [#FLOAT64]; [#BFLOAT16] is storage whose
/// arithmetic is float32; the integer types are indices and counts; [#BOOL] is a mask, one byte, 0 or 1.
public enum DType {
    FLOAT32("float32", 4, true),
    FLOAT64("float64", 8, true),
    BFLOAT16("bfloat16", 2, true),
    INT64("int64", 8, false),
    INT32("int32", 4, false),
    UINT8("uint8", 1, false),
    BOOL("bool", 1, false);

    private final String label;
    private final int bytes;
    private final boolean floating;

    DType(String label, int bytes, boolean floating) {
        this.label = label;
        this.bytes = bytes;
        this.floating = floating;
    }

    /// Bytes of one element.
    public int bytes() {
        return bytes;
    }

    /// Whether gradients can flow through values of this type.
    public boolean isFloating() {
        return floating;
    }

    /// The usual name in lower case, as error messages and files spell it: `float32`.
    @Override
    public String toString() {
        return label;
    }
}
