package org.lehr.engine.papers;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.lehr.engine.io.ClassFiles;

/// The studies there are, by the numbers of their papers.
public final class Studies {

    private static final SequencedMap<Integer, Study> ALL = find();

    private Studies() {}

    /// All studies.
    public static List<Study> all() {
        return List.copyOf(ALL.values());
    }

    /// The study of a paper, if it has one.
    public static Optional<Study> of(int paper) {
        return Optional.ofNullable(ALL.get(paper));
    }

    private static SequencedMap<Integer, Study> find() {
        TreeMap<Integer, Study> studies = new TreeMap<>();
        for (Class<?> type : ClassFiles.below(Studies.class)) {
            if (Study.class.isAssignableFrom(type) && !type.isInterface()) {
                Study study = make(type);
                int paper = Paper.of(study.claim().paper()).id();
                Study other = studies.put(paper, study);
                if (other != null) {
                    throw new IllegalStateException("studies: paper " + paper + " has two, "
                            + other.getClass().getName() + " and " + type.getName());
                }
            }
        }
        return Collections.unmodifiableSequencedMap(studies);
    }

    private static Study make(Class<?> type) {
        try {
            return (Study) type.getDeclaredConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(
                    "studies: " + type.getName() + " needs a public constructor without parameters", e);
        }
    }
}
