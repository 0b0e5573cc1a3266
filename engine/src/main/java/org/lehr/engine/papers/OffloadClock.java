package org.lehr.engine.papers;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.lehr.engine.optim.offload.Event;
import org.lehr.engine.optim.offload.Interleaving;

/// When a step would end on a machine of given rates: what an offloaded optimizer did, in its order, on a host, a
/// device and a link that carries both ways at once, each of which does one thing after another.
///
/// @param device seconds of an update of a subgroup on the device
/// @param host seconds of an update on the host
/// @param copy seconds that the state of a subgroup takes over the link, either way
/// @param push seconds that the parameters of one, updated on the host, take to the device
public record OffloadClock(double device, double host, double copy, double push) {

    // Subgroups for which the device has room.
    private static final int BUFFERS = 3;

    /// What the performance model knows of the machine.
    public Interleaving model() {
        return Interleaving.ofAccelerator(device, host, copy, copy, push, 0);
    }

    /// Seconds of a step.
    public double seconds(List<Event> events) {
        double hostFree = 0;
        double deviceFree = 0;
        double inFree = 0;
        double outFree = 0;
        double[] bufferFree = new double[BUFFERS];
        int fetches = 0;
        int flushes = 0;
        Map<Integer, Double> ready = new HashMap<>();
        for (Event event : events) {
            int i = event.subgroup();
            switch (event.kind()) {
                case FETCH -> {
                    inFree = Math.max(inFree, bufferFree[fetches++ % BUFFERS]) + copy;
                    ready.put(i, inFree);
                }
                case DEVICE -> {
                    deviceFree = Math.max(deviceFree, ready.get(i)) + device;
                    ready.put(i, deviceFree);
                }
                case FLUSH -> {
                    outFree = Math.max(outFree, ready.get(i)) + copy;
                    bufferFree[flushes++ % BUFFERS] = outFree;
                }
                case HOST -> {
                    hostFree += host;
                    inFree = Math.max(inFree, hostFree) + push;
                }
                case BACK -> throw new IllegalArgumentException("clock: an update on the host that is not in place");
            }
        }
        return Math.max(Math.max(hostFree, deviceFree), Math.max(inFree, outFree));
    }
}
