package org.lehr.engine.distributed.simulate;

import org.lehr.engine.distributed.placement.Topology;

/// Devices and what joins them.
///
/// @param inside the link of each device to the others of its node, each way
/// @param across the link of each node to the others, each way; its devices share it
/// @param flops operations that a device does in a second, as reached in matrix products
public record Cluster(Topology topology, Link inside, Link across, double flops) {

    /// A link: a message of `n` bytes takes `latency + n / bytesPerSecond`.
    ///
    /// @param latency in seconds
    public record Link(double latency, double bytesPerSecond) {

        public Link {
            if (!(latency >= 0) || !(bytesPerSecond > 0)) {
                throw new IllegalArgumentException("link: needs a latency of at least 0 and a rate above 0, got "
                        + latency + " s and " + bytesPerSecond + " bytes/s");
            }
        }

        double seconds(double bytes) {
            return bytes / bytesPerSecond;
        }
    }

    public Cluster {
        if (!(flops > 0)) {
            throw new IllegalArgumentException("cluster: needs a rate above 0, got " + flops);
        }
    }

    /// Nodes of eight V100: NVLink of 300 GB/s both ways together, 100 Gbit/s between nodes, 125 Tflop/s in
    /// half precision of which 0.3 are reached.
    public static Cluster v100(int nodes) {
        return new Cluster(new Topology(nodes, 8), new Link(3e-6, 150e9), new Link(8e-6, 12.5e9), 0.3 * 125e12);
    }

    /// Nodes of eight A100: NVLink of 600 GB/s both ways together, 400 Gbit/s between nodes, 312 Tflop/s in
    /// half precision of which 0.35 are reached.
    public static Cluster a100(int nodes) {
        return new Cluster(new Topology(nodes, 8), new Link(3e-6, 300e9), new Link(6e-6, 50e9), 0.35 * 312e12);
    }

    /// The slower of both links as one device sees it, by which the overlap degree is reckoned: between nodes,
    /// where
    /// there are several, as experts come to a node once.
    Link bottleneck() {
        return topology.nodes() > 1 && across.bytesPerSecond < inside.bytesPerSecond ? across : inside;
    }
}
