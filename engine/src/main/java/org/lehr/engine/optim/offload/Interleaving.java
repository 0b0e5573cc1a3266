package org.lehr.engine.optim.offload;

import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Which subgroups are updated on the device, by a performance model (Maurya et al. 2024): every `k`-th, the others
/// where the state lives.
///
/// Each resource is busy `a` seconds for a subgroup that is updated on the device, and `b` seconds for another one. All
/// work at the same time, so that `k` subgroups take as long as the busiest resource, and one takes
///
/// `T(k) = max (a + (k − 1)·b)/k = max (b + (a − b)/k)`,
///
/// which is convex in `1/k`. Its least value lies at an end, or where a line that rises meets one that falls,
/// `k = 1 + (a₁ − a₂)/(b₂ − b₁)`: with a processor that takes `h` seconds and a device whose longest part takes `d`, at
/// `k = 1 + d/h`. Of the whole numbers on both sides the better one is taken.
///
/// @param resources at least one
public record Interleaving(List<Resource> resources) {

    /// What works for updates.
    ///
    /// @param name for messages
    /// @param device seconds for a subgroup that is updated on the device
    /// @param host seconds for one that is updated where its state lives
    public record Resource(String name, double device, double host) {

        public Resource {
            if (!(device >= 0 && host >= 0 && Double.isFinite(device + host))) {
                throw new IllegalArgumentException("offload: the seconds of " + name
                        + " must be finite and not negative, got " + device + " and " + host);
            }
        }
    }

    public Interleaving {
        resources = List.copyOf(resources);
        if (resources.isEmpty()) {
            throw new IllegalArgumentException("offload: a performance model needs a resource");
        }
    }

    /// A device with a processor of its own behind a link that carries both ways at once, as in the paper.
    ///
    /// @param device seconds of an update there
    /// @param host seconds of an update where the state lives, conversions included
    /// @param fetch seconds that the state of a subgroup takes to the device
    /// @param flush seconds that it takes back
    /// @param push seconds that the parameters of a subgroup, updated on the host, take to the device
    /// @param pull seconds that the gradients of one take from it
    public static Interleaving ofAccelerator(
            double device, double host, double fetch, double flush, double push, double pull) {
        return new Interleaving(List.of(
                new Resource("host", 0, host),
                new Resource("device", device, 0),
                new Resource("link to the device", fetch, push),
                new Resource("link from the device", flush, pull)));
    }

    /// One processor for all updates, and a link that copies beside it one way at a time.
    ///
    /// @param device seconds of an update of a copy
    /// @param host seconds of an update in place
    /// @param fetch seconds of the copy
    /// @param flush seconds of copying it back
    /// @param back seconds of copying back what an update in place made elsewhere
    public static Interleaving ofProcessor(double device, double host, double fetch, double flush, double back) {
        return new Interleaving(
                List.of(new Resource("processor", device, host), new Resource("link", fetch + flush, back)));
    }

    /// Seconds a subgroup, on average.
    ///
    /// @param stride k
    public double seconds(int stride) {
        return resources.stream()
                .mapToDouble(one -> (one.device + (stride - 1) * one.host) / stride)
                .max()
                .orElseThrow();
    }

    /// The best k for so many subgroups: from 1, all on the device, to one more than there are, none there.
    public int stride(int subgroups) {
        int most = subgroups + 1;
        return IntStream.concat(IntStream.of(1, most), crossings().flatMapToInt(k -> around(k, most)))
                .sorted()
                .reduce((best, k) -> seconds(k) < seconds(best) ? k : best)
                .orElseThrow();
    }

    private static IntStream around(double k, int most) {
        int below = (int) Math.clamp(Math.floor(k), 1, most);
        return IntStream.of(below, Math.min(below + 1, most));
    }

    private Stream<Double> crossings() {
        return resources.stream()
                .flatMapToDouble(one -> resources.stream()
                        .filter(other -> other.host != one.host)
                        .flatMapToDouble(
                                other -> DoubleStream.of(1 + (one.device - other.device) / (other.host - one.host))))
                .boxed();
    }
}
