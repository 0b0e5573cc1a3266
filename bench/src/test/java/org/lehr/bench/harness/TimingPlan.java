package org.lehr.bench.harness;

/// How long one turn of a measurement takes.
record TimingPlan(int warmUpMillis, int iterations, int iterationMillis) {

    /// The words of a request.
    String words() {
        return warmUpMillis + "\t" + iterations + "\t" + iterationMillis;
    }

    static TimingPlan of(String warmUpMillis, String iterations, String iterationMillis) {
        return new TimingPlan(
                Integer.parseInt(warmUpMillis), Integer.parseInt(iterations), Integer.parseInt(iterationMillis));
    }
}
