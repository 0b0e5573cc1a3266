package org.lehr.engine.nn;

import java.util.List;
import org.lehr.engine.tensor.Shape;

/// What became of the tensors of a file.
///
/// @param loaded paths of the module that got their values
/// @param missing paths of the module for which the file has nothing that fits; they keep their values
/// @param unexpected names of the file for which the module has no place
/// @param misshaped tensors that have a place of another shape; they were not loaded
public record LoadReport(
        List<String> loaded, List<String> missing, List<String> unexpected, List<Misshaped> misshaped) {

    /// A tensor that does not fit.
    ///
    /// @param path where it belongs in the module
    /// @param module the shape there
    /// @param file the shape in the file
    public record Misshaped(String path, Shape module, Shape file) {
        @Override
        public String toString() {
            return path + " has shape " + module + ", the file " + file;
        }
    }

    public LoadReport {
        loaded = List.copyOf(loaded);
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
        misshaped = List.copyOf(misshaped);
    }

    /// Whether every place got a value and every tensor had a place.
    public boolean isComplete() {
        return missing.isEmpty() && unexpected.isEmpty() && misshaped.isEmpty();
    }

    /// This report, when it is complete.
    ///
    /// @throws IllegalArgumentException naming what is missing, unexpected and of another shape
    public LoadReport requireComplete() {
        if (!isComplete()) {
            throw new IllegalArgumentException(toString());
        }
        return this;
    }

    @Override
    public String toString() {
        return "load: " + loaded.size() + " loaded, missing " + missing + ", unexpected " + unexpected + ", misshaped "
                + misshaped;
    }
}
