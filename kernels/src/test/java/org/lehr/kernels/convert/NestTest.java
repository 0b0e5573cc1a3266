package org.lehr.kernels.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.lehr.kernels.DType;
import org.lehr.kernels.View;

class NestTest {

    @Test
    void denseViewsMergeIntoOneDimension() {
        View a = Layout.DENSE.view(DType.FLOAT32, 2, 3, 1, 5);
        Nest nest = Nest.of("test", a, a);
        assertEquals(1, nest.rank());
        assertEquals(30, nest.inner());
        assertTrue(nest.isLinear(1));
    }

    @Test
    void twoTransposedViewsMergeToo() {
        View a = Layout.REVERSED.view(DType.FLOAT32, 4, 5, 6);
        assertEquals(1, Nest.of("test", a, a).rank());
    }

    @Test
    void aRepeatedRowKeepsItsDimensions() {
        View a = Layout.DENSE.view(DType.FLOAT32, 4, 5, 6);
        View row = new View(a.storage(), DType.FLOAT32, 0, a.shape(), new long[] {0, 0, 1});
        Nest nest = Nest.of("test", a, row);
        assertEquals(2, nest.rank());
        assertEquals(20, nest.extent(0));
        assertEquals(6, nest.inner());
        assertTrue(nest.isLinear(0));
        assertFalse(nest.isLinear(1));
    }

    @Test
    void aScalarIsOneElement() {
        View a = Layout.DENSE.view(DType.FLOAT32);
        Nest nest = Nest.of("test", a);
        assertEquals(1, nest.size());
        assertEquals(1, nest.inner());
    }

    @Test
    void cursorsVisitEachElementOnceFromAnyStart() {
        View out = Layout.DENSE.view(DType.FLOAT32, 3, 4, 5);
        View in = Layout.REVERSED.view(DType.FLOAT32, 3, 4, 5);
        Nest nest = Nest.of("test", out, in);
        List<Long> expected = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            expected.add(Values.place(in, i));
        }
        for (int from = 0; from <= 60; from++) {
            List<Long> visited = new ArrayList<>();
            Nest.Cursor cursor = nest.cursor(1, from);
            for (int at = from; at < 60; ) {
                int run = (int) Math.min(cursor.rowLeft(), 3);
                for (int i = 0; i < run; i++) {
                    visited.add(cursor.offset() + i * cursor.innerStride());
                }
                cursor.advance(run);
                at += run;
            }
            assertEquals(expected.subList(from, 60), visited);
        }
    }

    @Test
    void shapesMustBeEqual() {
        View a = Layout.DENSE.view(DType.FLOAT32, 2, 3);
        View b = Layout.DENSE.view(DType.FLOAT32, 3, 2);
        String message = assertThrows(IllegalArgumentException.class, () -> Nest.of("add", a, b))
                .getMessage();
        assertEquals("add: shapes differ: [2, 3] and [3, 2]", message);
    }
}
