package org.lehr.bench.harness;

/// How long one turn of a measurement takes.
record TimingPlan(int warmUpMillis, int millis) {

    /// The words of a request.
    String words() {
        return warmUpMillis + "\t" + millis;
    }

    static TimingPlan of(String warmUpMillis, String millis) {
        return new TimingPlan(Integer.parseInt(warmUpMillis), Integer.parseInt(millis));
    }
}
