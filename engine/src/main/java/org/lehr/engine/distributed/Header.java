package org.lehr.engine.distributed;

import org.lehr.kernels.DType;

/// What a message says of the operation that it belongs to. Both ends must say the same.
///
/// @param operation that the rank is in
/// @param detail the root, or the ordinal of the reduction; 0 where there is neither
/// @param sequence which operation of the communicator it is, from 0
/// @param dtype of the elements
/// @param elements of the tensor, or of the part where parts may differ
record Header(Operation operation, int detail, long sequence, DType dtype, long elements) {

    /// Reads [#numbers].
    static Header of(long... numbers) {
        return new Header(
                Operation.values()[(int) numbers[0]],
                (int) numbers[1],
                numbers[2],
                DType.values()[(int) numbers[3]],
                numbers[4]);
    }

    /// The same for a part of another size.
    Header with(long count) {
        return new Header(operation, detail, sequence, dtype, count);
    }

    /// As it travels.
    long[] numbers() {
        return new long[] {operation.ordinal(), detail, sequence, dtype.ordinal(), elements};
    }

    /// In words: `all-reduce 12 (sum) of float32[1000]`.
    @Override
    public String toString() {
        return operation + " " + sequence + detailText() + (operation == Operation.BARRIER ? "" : sizes());
    }

    private String sizes() {
        return " of " + dtype + "[" + elements + "]";
    }

    private String detailText() {
        return switch (operation) {
            case ALL_REDUCE, REDUCE_SCATTER -> " (" + Reduction.values()[detail] + ")";
            case BROADCAST, GATHER, SCATTER -> " (root " + detail + ")";
            case ALL_GATHER, ALL_TO_ALL, SEND, BARRIER -> "";
        };
    }
}
