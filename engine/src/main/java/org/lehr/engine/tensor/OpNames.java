package org.lehr.engine.tensor;

import java.util.Locale;

/// The names that operations have by default, made once for each class.
final class OpNames {

    static final ClassValue<String> DEFAULT = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> op) {
            return op.getSimpleName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
        }
    };

    private OpNames() {}
}
