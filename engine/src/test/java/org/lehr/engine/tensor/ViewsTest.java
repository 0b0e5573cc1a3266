package org.lehr.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.lehr.engine.tensor.op.Slice;
import org.lehr.engine.tensor.op.Split;
import org.lehr.kernels.DType;

/// Which operations share memory with their input, and which do not.
final class ViewsTest {

    private static Tensor counting(long... extents) {
        double[] values = new double[(int) Shape.of(extents).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Tensor.of(values, extents);
    }

    private static void assertShares(Tensor x, Tensor view) {
        assertSame(x.view().storage(), view.view().storage());
    }

    @Test
    void writingThroughAViewIsSeenByAll() {
        Tensor x = counting(2, 3);
        Tensor turned = x.transpose(0, 1);
        x.slice(1, 1, 2).fill(-1);
        assertArrayEquals(new double[] {0, 3, -1, -1, 2, 5}, turned.toDoubleArray());
        turned.slice(0, 0, 1).copyFrom(Tensor.of(new double[] {8, 9}, 1, 2));
        assertArrayEquals(new double[] {8, -1, 2, 9, -1, 5}, x.toDoubleArray());
    }

    @Test
    void viewsShareStorage() {
        Tensor x = counting(2, 3, 5);
        assertShares(x, x.permute(2, 0, 1));
        assertShares(x, x.slice(1, 1, 3));
        assertShares(x, x.reshape(6, 5));
        assertShares(x, x.unsqueeze(1));
        assertShares(x, x.slice(0, 0, 1).squeeze(0));
        assertShares(x, x.slice(0, 0, 1).expand(7, 3, 5));
        assertShares(x, x.detach());
        Split.split(x, 1, 1, 2).forEach(part -> assertShares(x, part));
        assertShares(x, x.contiguous());
        assertShares(x, x.to(DType.FLOAT64));
    }

    @Test
    void stridedViewsAreReshapedWithoutCopyingWhereStridesAllowIt() {
        Tensor x = counting(2, 3, 5, 7);
        assertReshapes(true, x.slice(0, 1, 2), 15, 7);
        assertReshapes(true, x.slice(1, 1, 3), 2, 2, 35);
        assertReshapes(true, x.slice(3, 0, 6), 30, 2, 3);
        assertReshapes(true, x.permute(2, 3, 0, 1), 35, 6);
        assertReshapes(true, x.permute(2, 3, 0, 1), 5, 7, 3, 2);
        assertReshapes(true, x.slice(3, 2, 3), 30);
        assertReshapes(false, x.transpose(2, 3), 2, 3, 35);
        assertReshapes(false, x.slice(3, 0, 6), 180);
        assertReshapes(false, x.slice(1, 0, 2), 4, 35);
    }

    private static void assertReshapes(boolean shares, Tensor x, long... extents) {
        Tensor y = x.reshape(extents);
        assertArrayEquals(x.toDoubleArray(), y.toDoubleArray(), "reshape of " + x);
        assertEquals(shares, x.view().storage() == y.view().storage(), "sharing of " + x + " as " + y);
    }

    /// Random chains of views hold the same numbers as the same chain of dense copies.
    @Test
    void chainsOfViewsAgreeWithCopies() {
        Random random = new Random(3);
        for (int trial = 0; trial < 300; trial++) {
            Tensor view = counting(2, 3, 4, 5);
            Tensor copy = view;
            for (int step = 0; step < 4; step++) {
                UnaryOperator<Tensor> change = change(view, random);
                view = change.apply(view);
                copy = change.apply(copy);
                copy = Tensor.of(copy.toDoubleArray(), copy.shape().toArray());
                assertEquals(copy.shape(), view.shape());
                assertArrayEquals(copy.toDoubleArray(), view.toDoubleArray(), "trial " + trial + ", step " + step);
            }
        }
    }

    private static UnaryOperator<Tensor> change(Tensor x, Random random) {
        int dimension = random.nextInt(x.rank());
        int other = random.nextInt(x.rank());
        long extent = x.extent(dimension);
        return switch (random.nextInt(4)) {
            case 0 -> y -> y.transpose(dimension, other);
            case 1 -> {
                long from = random.nextLong(extent);
                long step = 1 + random.nextInt(2);
                yield y -> Slice.slice(y, dimension, from, extent, step);
            }
            case 2 -> extent == 1 ? y -> y.expand(y.shape().with(dimension, 3).toArray()) : y -> y.unsqueeze(other);
            default -> {
                long rest = x.size() / extent;
                yield extent % 2 == 0
                        ? y -> y.reshape(2, extent / 2, rest)
                        : x.rank() > 1 ? y -> y.reshape(rest, -1) : y -> y.reshape(1, -1);
            }
        };
    }

    @Test
    void copiesDoNotShare() {
        Tensor x = counting(3, 2);
        assertNotSame(x.view().storage(), x.transpose(0, 1).contiguous().view().storage());
        assertNotSame(x.view().storage(), x.to(DType.FLOAT32).view().storage());
        assertNotSame(x.view().storage(), x.add(0).view().storage());
    }

    @Test
    void emptyViewsHaveTheirShapes() {
        Tensor x = counting(3, 0, 2);
        assertEquals(Shape.of(2, 0, 3), x.transpose(0, 2).shape());
        assertEquals(Shape.of(0), x.reshape(0).shape());
        assertEquals(Shape.of(3, 0), x.sum(2).shape());
        assertEquals(0, x.toDoubleArray().length);
        assertTrue(x.isContiguous());
        assertFalse(counting(3, 2).transpose(0, 1).isContiguous());
    }
}
