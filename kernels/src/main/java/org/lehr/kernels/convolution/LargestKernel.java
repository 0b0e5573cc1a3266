package org.lehr.kernels.convolution;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import org.lehr.kernels.ConvolutionKernels.Form;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Reals;
import org.lehr.kernels.parallel.Workers;

/// Where the largest value of each window of an image stands: what max pooling is made of.
///
/// Comparisons are exact, so that the definition is also what runs, a plane of one channel at a time.
final class LargestKernel {

    /// Values that a piece of the work compares at least, if there are so many.
    private static final long PIECE = 1 << 15;

    private final Reals x;
    private final MemorySegment places;
    private final Form form;
    private final int height;
    private final int width;
    private final int filterRows;
    private final int filterColumns;
    private final int rows;
    private final int columns;

    private LargestKernel(View places, View x, long filterRows, long filterColumns, Form form) {
        this.x = Reals.of(x);
        this.places = places.storage().segment().asSlice(places.byteOffset());
        this.form = form;
        this.height = Math.toIntExact(x.shape()[2]);
        this.width = Math.toIntExact(x.shape()[3]);
        this.filterRows = Math.toIntExact(filterRows);
        this.filterColumns = Math.toIntExact(filterColumns);
        this.rows = Math.toIntExact(places.shape()[2]);
        this.columns = Math.toIntExact(places.shape()[3]);
    }

    /// `x [b, c, h, w] → places int64 [b, c, rows, columns]`
    static void forward(View places, View x, long filterRows, long filterColumns, Form form) {
        boolean fits = x.rank() == 4
                && places.rank() == 4
                && x.isContiguous()
                && places.isContiguous()
                && places.dtype() == DType.INT64
                && places.shape()[0] == x.shape()[0]
                && places.shape()[1] == x.shape()[1]
                && places.shape()[2] == form.rows(x.shape()[2], filterRows)
                && places.shape()[3] == form.columns(x.shape()[3], filterColumns);
        if (!fits) {
            throw new IllegalArgumentException("largest: expected dense x [b, c, h, w] and places [b, c, rows, columns]"
                    + " that go together, got " + x + " and " + places + " for filters of " + filterRows + " x "
                    + filterColumns + " and " + form);
        }
        LargestKernel kernel = new LargestKernel(places, x, filterRows, filterColumns, form);
        long planes = x.shape()[0] * x.shape()[1];
        long compared = Math.max(1, (long) kernel.rows * kernel.columns * kernel.filterRows * kernel.filterColumns);
        Workers.current().forRange(planes, Math.max(1, PIECE / compared), (from, to) -> {
            for (long plane = from; plane < to; plane++) {
                kernel.plane(plane);
            }
        });
    }

    private void plane(long plane) {
        long begin = plane * height * width;
        long place = plane * rows * columns;
        for (int i = 0; i < rows; i++) {
            long top = i * form.strideY() - form.paddingY();
            for (int j = 0; j < columns; j++) {
                places.setAtIndex(JAVA_LONG, place++, window(begin, top, j * form.strideX() - form.paddingX()));
            }
        }
    }

    private long window(long begin, long top, long left) {
        long best = -1;
        double largest = Double.NEGATIVE_INFINITY;
        for (int a = 0; a < filterRows; a++) {
            long row = top + a * form.dilationY();
            if (row < 0 || row >= height) {
                continue;
            }
            for (int b = 0; b < filterColumns; b++) {
                long column = left + b * form.dilationX();
                if (column < 0 || column >= width) {
                    continue;
                }
                double value = x.get(begin + row * width + column);
                if (best < 0 || value > largest || Double.isNaN(value) && !Double.isNaN(largest)) {
                    best = row * width + column;
                    largest = value;
                }
            }
        }
        if (best < 0) {
            throw new IllegalArgumentException("largest: a window at row " + top + ", column " + left
                    + " lies outside the image of " + height + " x " + width);
        }
        return best;
    }
}
