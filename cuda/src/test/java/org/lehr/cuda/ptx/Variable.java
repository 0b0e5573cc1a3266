package org.lehr.cuda.ptx;

/// A declared piece of memory.
///
/// @param space `global`, `shared`, `local`, `const` or `param`
/// @param size in bytes; 0 for the shared memory whose size a launch says
/// @param initial its first bytes, or null if it has none
record Variable(String name, String space, int alignment, int size, byte[] initial) {}
