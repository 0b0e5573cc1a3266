package org.lehr.engine.generate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.lehr.engine.nn.Decoding;
import org.lehr.engine.nn.LanguageModel;

/// Looks for a likely continuation: of all continuations of the beams by one token, the best are the next beams. A text
/// is worth the logarithm of its probability divided by its new length to the power of the length penalty (Wu et al.
/// 2016, in the simple form). Of equal ones the better beam comes first, then the lower token.
///
/// @param beams how many continuations are kept
/// @param lengthPenalty at least 0; 0 favours short texts, 1 compares the mean per token
/// @param processors change the scores before they are compared
/// @param stops tokens that end a text; they belong to it
public record BeamSearch(int beams, double lengthPenalty, List<LogitProcessor> processors, Set<Integer> stops) {

    public BeamSearch {
        if (beams < 1 || !(lengthPenalty >= 0 && lengthPenalty < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("beam search: needs at least one beam and a finite length penalty of at"
                    + " least 0, got " + beams + " and " + lengthPenalty);
        }
        processors = List.copyOf(processors);
        stops = Set.copyOf(stops);
    }

    private record Beam(int[] tokens, double logProbability) {}

    private record Candidate(int beam, int token, double logProbability) {}

    /// Appends up to `count` tokens to `prompt` and returns both.
    ///
    /// @param prompt at least one token
    public int[] extend(LanguageModel model, int[] prompt, int count) {
        Generator.require(model, prompt, count);
        return Generator.inUse(model, () -> search(model, prompt, count));
    }

    private int[] search(LanguageModel model, int[] prompt, int count) {
        List<Beam> running = List.of(new Beam(prompt.clone(), 0));
        List<Beam> ended = new ArrayList<>();
        Comparator<Beam> best = Comparator.comparingDouble(beam -> -value(beam, prompt.length));
        Decoding decoding = count == 0 ? null : model.decode(List.of(prompt));
        for (int step = 1; step <= count; step++) {
            List<Candidate> candidates = candidates(running, decoding.scores(), prompt.length);
            List<Beam> next = new ArrayList<>();
            List<Integer> rows = new ArrayList<>();
            for (Candidate candidate : candidates) {
                Beam beam = extended(running.get(candidate.beam), candidate);
                if (stops.contains(candidate.token)) {
                    ended.add(beam);
                } else if (next.size() < beams) {
                    next.add(beam);
                    rows.add(candidate.beam);
                }
            }
            running = next;
            ended.sort(best);
            if (running.isEmpty() || step == count || decided(running.getFirst(), ended, prompt.length, count)) {
                break;
            }
            decoding.select(rows.stream().mapToInt(row -> row).toArray());
            decoding.append(running.stream()
                    .mapToInt(beam -> beam.tokens[beam.tokens.length - 1])
                    .toArray());
        }
        ended.addAll(running);
        ended.sort(best);
        return ended.getFirst().tokens;
    }

    /// Whether no running beam can become better than the best text that has ended: probabilities only fall.
    private boolean decided(Beam first, List<Beam> ended, int prompt, int count) {
        if (ended.isEmpty()) {
            return false;
        }
        double reachable = first.logProbability / Math.pow(count, lengthPenalty);
        return value(ended.getFirst(), prompt) >= reachable;
    }

    private double value(Beam beam, int prompt) {
        return beam.logProbability / Math.pow(Math.max(1, beam.tokens.length - prompt), lengthPenalty);
    }

    private static Beam extended(Beam beam, Candidate candidate) {
        int[] tokens = Arrays.copyOf(beam.tokens, beam.tokens.length + 1);
        tokens[beam.tokens.length] = candidate.token;
        return new Beam(tokens, candidate.logProbability);
    }

    /// The best continuations, best first: enough that `beams` of them do not end.
    private List<Candidate> candidates(List<Beam> running, float[][] scores, int prompt) {
        List<Candidate> all = new ArrayList<>();
        for (int b = 0; b < running.size(); b++) {
            Beam beam = running.get(b);
            float[] processed = scores[b];
            for (LogitProcessor processor : processors) {
                processed = processor.apply(beam.tokens, prompt, processed);
            }
            double[] logProbabilities = Scores.logProbabilities(processed);
            int[] order = Scores.descending(processed);
            for (int i = 0; i < Math.min(order.length, beams + stops.size()); i++) {
                all.add(new Candidate(b, order[i], beam.logProbability + logProbabilities[order[i]]));
            }
        }
        all.sort(Comparator.comparingDouble(candidate -> -candidate.logProbability));
        return all;
    }
}
