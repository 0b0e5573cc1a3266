package org.lehr.engine.schedule.control;

/// A training that can be tried out and rolled back, for searches of a learning rate.
public interface Trial {

    /// Everything that decides how the training goes on: parameters, optimizer, random numbers, place in the
    /// data.
    interface Saved extends AutoCloseable {

        /// Puts the training back where it was, bit for bit; any number of times.
        void restore();

        /// Gives back what was kept.
        @Override
        void close();
    }

    /// Keeps where the training is.
    Saved save();

    /// Takes one step with the learning rate `rate` and returns the loss that the search is to lower; not finite
    /// when the training diverged.
    double step(double rate);
}
