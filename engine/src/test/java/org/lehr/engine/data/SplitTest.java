package org.lehr.engine.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SplitTest {

    private static List<Document> documents(int count) {
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            documents.add(new Document("folder/File" + i + ".java", new byte[] {(byte) i}));
        }
        return documents;
    }

    @Property(tries = 100)
    void everyDocumentIsOnOneSideAndNoSideIsEmpty(@ForAll @IntRange(min = 2, max = 300) int count) {
        Split split = Split.of(documents(count));
        Set<Document> both = new HashSet<>(split.train());
        both.addAll(split.validation());
        assertEquals(count, both.size());
        assertEquals(count, split.train().size() + split.validation().size());
        assertTrue(!split.train().isEmpty() && !split.validation().isEmpty());
    }

    @Test
    void theSharesAreAboutRight() {
        int validation = Split.of(documents(10_000)).validation().size();
        assertEquals(500, validation, 4 * Math.sqrt(500));
    }

    @Test
    void othersDoNotMoveADocument() {
        Set<String> few = names(Split.of(documents(1000)).validation());
        Set<String> many = names(Split.of(documents(2000)).validation());
        assertTrue(few.size() > 20 && many.containsAll(few));
    }

    private static Set<String> names(List<Document> documents) {
        Set<String> names = new HashSet<>();
        documents.forEach(document -> names.add(document.name()));
        return names;
    }

    @Test
    void aSingleDocumentGivesItsTail() {
        Split split = Split.of(List.of(new Document("a", new byte[1001])));
        assertEquals(900, split.train().getFirst().bytes().length);
        assertEquals(101, split.validation().getFirst().bytes().length);
    }

    @Test
    void refusesNothingAndImpossibleShares() {
        assertThrows(DataException.class, () -> Split.of(List.of()));
        assertThrows(IllegalArgumentException.class, () -> Split.byName(documents(3), 0));
        assertThrows(IllegalArgumentException.class, () -> Split.byName(documents(3), Double.NaN));
        assertThrows(
                IllegalArgumentException.class, () -> Split.tail(documents(1).getFirst(), 1));
    }
}
