package org.lehr.engine.schedule.control;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeSet;

/// A state that is read back: names and numbers are checked before anybody takes one over.
record SavedState(String owner, Map<String, Double> numbers) {

    /// @param names what the state must consist of
    /// @throws IllegalArgumentException naming what is missing, unexpected or not finite
    static SavedState of(String owner, Map<String, Double> numbers, Iterable<String> names) {
        TreeSet<String> missing = new TreeSet<>();
        names.forEach(missing::add);
        TreeSet<String> unexpected = new TreeSet<>(numbers.keySet());
        unexpected.removeAll(missing);
        missing.removeAll(numbers.keySet());
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw new IllegalArgumentException(owner + ": state: missing " + missing + ", unexpected " + unexpected);
        }
        numbers.forEach((name, number) -> {
            if (number == null || !Double.isFinite(number)) {
                throw new IllegalArgumentException(
                        owner + ": state: " + name + " must be a finite number, got " + number);
            }
        });
        return new SavedState(owner, Map.copyOf(numbers));
    }

    double number(String name) {
        return numbers.get(name);
    }

    /// A number that is not negative.
    double amount(String name) {
        double number = number(name);
        if (number < 0) {
            throw new IllegalArgumentException(owner + ": state: " + name + " must not be negative, got " + number);
        }
        return number;
    }

    /// A whole number that is not negative.
    long count(String name) {
        double number = amount(name);
        if (number != Math.rint(number)) {
            throw new IllegalArgumentException(owner + ": state: " + name + " must be a whole number, got " + number);
        }
        return (long) number;
    }

    /// A state of these names and numbers in turn.
    static SequencedMap<String, Double> write(Object... namesAndNumbers) {
        SequencedMap<String, Double> state = new LinkedHashMap<>();
        for (int i = 0; i < namesAndNumbers.length; i += 2) {
            state.put((String) namesAndNumbers[i], ((Number) namesAndNumbers[i + 1]).doubleValue());
        }
        return state;
    }
}
