package org.lehr.cuda.ptx;

import java.util.List;

/// A kernel with all that it calls, ready to run.
///
/// @param file name for messages
/// @param entry index of its first step
/// @param template what registers hold at first: the constants
/// @param specials registers that hold what a thread knows of itself
/// @param local bytes of memory of each thread
/// @param shared bytes of memory of each block, without those that a launch adds
/// @param parameters bytes of its parameters
public record Program(
        String file,
        String kernel,
        Step[] steps,
        int entry,
        long[] template,
        List<Special> specials,
        int local,
        int shared,
        int parameters) {

    /// A register and how its value is found.
    record Special(int register, SpecialRegister value) {}
}
