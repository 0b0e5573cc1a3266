package org.lehr.engine.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// Documents to train on and documents to validate with. A document is on one side, decided by a hash of its name:
/// adding or removing others does not move it.
public record Split(List<Document> train, List<Document> validation) {

    /// A share of one in twenty files.
    public static final double FILES = 0.05;

    /// The last tenth of a single file.
    public static final double TAIL = 0.1;

    public Split {
        train = List.copyOf(train);
        validation = List.copyOf(validation);
    }

    /// About [#FILES] of the documents validate, at least one; of a single document, the last [#TAIL] does.
    ///
    /// @throws DataException when there is no document
    public static Split of(List<Document> documents) {
        return documents.size() == 1 ? tail(documents.getFirst(), TAIL) : byName(documents, FILES);
    }

    /// About `share` of two or more documents validate; at least one does, and at least one does not.
    public static Split byName(List<Document> documents, double share) {
        requireShare(share);
        if (documents.size() < 2) {
            throw new DataException("split by file: there must be at least 2 documents, got " + documents.size());
        }
        List<Document> train = new ArrayList<>();
        List<Document> validation = new ArrayList<>();
        for (Document document : documents) {
            (fraction(document) < share ? validation : train).add(document);
        }
        Comparator<Document> byFraction =
                Comparator.comparingDouble(Split::fraction).thenComparing(Document::name);
        if (validation.isEmpty()) {
            Document lowest = train.stream().min(byFraction).orElseThrow();
            train.remove(lowest);
            validation.add(lowest);
        } else if (train.isEmpty()) {
            Document highest = validation.stream().max(byFraction).orElseThrow();
            validation.remove(highest);
            train.add(highest);
        }
        return new Split(train, validation);
    }

    /// The last `share` of the bytes of one document validate.
    public static Split tail(Document document, double share) {
        requireShare(share);
        byte[] bytes = document.bytes();
        int cut = (int) (bytes.length * (1 - share));
        return new Split(
                List.of(new Document(document.name(), Arrays.copyOf(bytes, cut))),
                List.of(new Document(document.name(), Arrays.copyOfRange(bytes, cut, bytes.length))));
    }

    private static void requireShare(double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("split: share must be between 0 and 1, got " + share);
        }
    }

    /// A number in `[0, 1)` that depends on the name alone.
    private static double fraction(Document document) {
        return (Mix.of(document.name()) >>> 11) * 0x1p-53;
    }
}
