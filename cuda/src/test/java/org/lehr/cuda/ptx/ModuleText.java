package org.lehr.cuda.ptx;

import java.util.Map;

/// A file of PTX, parsed.
record ModuleText(String file, Map<String, Variable> variables, Map<String, FunctionText> functions) {}
