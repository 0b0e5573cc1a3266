package org.lehr.engine.tensor;

/// A hook in place; closing it takes it out.
@FunctionalInterface
public interface GradientHook extends AutoCloseable {
    @Override
    void close();
}
