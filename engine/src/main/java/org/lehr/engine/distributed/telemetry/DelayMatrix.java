package org.lehr.engine.distributed.telemetry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.lehr.engine.distributed.telemetry.CollectiveRecord.Exchange;

/// How long ranks waited for each other in one iteration, without the waits that were not the sender's doing.
///
/// A rank waits for a message, and the sender says how long it had itself waited for others in this collective before
/// it
/// sent: only what is above that is the sender's delay, or the link's. Clocks of different ranks are never compared.
///
/// @param iteration of training
/// @param nanos `[receiver][sender]`
public record DelayMatrix(long iteration, double[][] nanos) {

    private record Collective(int group, long sequence) {}

    /// The matrices of the iterations that all ranks took part in, in order.
    ///
    /// @param notes of each rank, in the order of ranks
    public static List<DelayMatrix> of(List<List<CollectiveRecord>> notes) {
        SortedMap<Long, List<Map<Collective, CollectiveRecord>>> iterations = new TreeMap<>();
        for (int rank = 0; rank < notes.size(); rank++) {
            for (CollectiveRecord note : notes.get(rank)) {
                iterations
                        .computeIfAbsent(note.iteration(), _ -> empty(notes.size()))
                        .get(rank)
                        .put(new Collective(note.group(), note.sequence()), note);
            }
        }
        List<DelayMatrix> matrices = new ArrayList<>();
        iterations.forEach((iteration, ranks) -> {
            if (iteration > 0 && ranks.stream().noneMatch(Map::isEmpty)) {
                matrices.add(new DelayMatrix(iteration, delays(ranks)));
            }
        });
        return matrices;
    }

    private static List<Map<Collective, CollectiveRecord>> empty(int ranks) {
        List<Map<Collective, CollectiveRecord>> maps = new ArrayList<>();
        for (int i = 0; i < ranks; i++) {
            maps.add(new LinkedHashMap<>());
        }
        return maps;
    }

    private static double[][] delays(List<Map<Collective, CollectiveRecord>> ranks) {
        double[][] delays = new double[ranks.size()][ranks.size()];
        for (int receiver = 0; receiver < ranks.size(); receiver++) {
            for (Map.Entry<Collective, CollectiveRecord> entry :
                    ranks.get(receiver).entrySet()) {
                int[] round = new int[ranks.size()];
                for (Exchange wait : entry.getValue().waits()) {
                    CollectiveRecord sent = ranks.get(wait.peer()).get(entry.getKey());
                    long lag = sent == null ? 0 : lag(sent, receiver, round[wait.peer()]++);
                    delays[receiver][wait.peer()] += Math.max(0, wait.nanos() - lag);
                }
            }
        }
        return delays;
    }

    /// The lag of the message `round` of those to `receiver`.
    private static long lag(CollectiveRecord sent, int receiver, int round) {
        return sent.lags().stream()
                .filter(lag -> lag.peer() == receiver)
                .skip(round)
                .mapToLong(Exchange::nanos)
                .findFirst()
                .orElse(0);
    }
}
