package org.lehr.engine.papers;

/// A check of what a paper claims, small enough for minutes on two cores: the same seed, the same numbers. A study
/// compares with what the paper compares with, and must not hold when its method is switched off.
///
/// A study is a public class in [org.lehr.engine.papers.study] with a constructor without parameters.
public interface Study {

    /// What is claimed, and beside what.
    Claim claim();

    /// Does the work.
    ///
    /// @param trial how many seeds, how long, and whether the method is on
    Findings run(Trial trial);

    /// What a study is about.
    ///
    /// @param paper number of the paper
    /// @param says what the paper claims, in our words
    /// @param compares what is compared with what here, and by which margin
    /// @param reproduces whether the claim is expected to hold at this size; where not, why not
    record Claim(int paper, String says, String compares, Expectation reproduces) {

        /// A claim that is expected to hold.
        public static Claim of(int paper, String says, String compares) {
            return new Claim(paper, says, compares, Expectation.HOLDS);
        }
    }

    /// Whether a claim is expected to hold.
    ///
    /// @param holds at this size
    /// @param why not, or nothing
    record Expectation(boolean holds, String why) {

        /// It is.
        public static final Expectation HOLDS = new Expectation(true, "");

        /// It is not.
        public static Expectation fails(String why) {
            return new Expectation(false, why);
        }
    }
}
