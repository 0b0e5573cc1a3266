package org.lehr.cuda.ptx;

/// Numbers in three dimensions: of blocks, of threads, or where a block is.
public record Extent(int x, int y, int z) {

    int count() {
        return x * y * z;
    }

    /// The place with this number.
    Extent at(int number) {
        return new Extent(number % x, number / x % y, number / x / y);
    }

    @Override
    public String toString() {
        return "(" + x + ", " + y + ", " + z + ")";
    }
}
