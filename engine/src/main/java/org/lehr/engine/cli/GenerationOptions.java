package org.lehr.engine.cli;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.lehr.engine.generate.BeamSearch;
import org.lehr.engine.generate.Generator;
import org.lehr.engine.generate.LogitProcessor;
import org.lehr.engine.generate.NoRepeatNgram;
import org.lehr.engine.generate.OccurrencePenalty;
import org.lehr.engine.generate.RepetitionPenalty;
import org.lehr.engine.generate.Sampling;
import picocli.CommandLine.Option;

/// The options of `lehr generate` that decide which token comes next.
final class GenerationOptions {

    @Option(
            names = "--temperature",
            paramLabel = "X",
            defaultValue = "0.8",
            description = "Divides the scores; 0 always takes the best token. Default: ${DEFAULT-VALUE}")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "N",
            defaultValue = "0",
            description = "Only the N best tokens count; 0 for all. Default: ${DEFAULT-VALUE}")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Only the best tokens with this probability together count. Default: ${DEFAULT-VALUE}")
    private double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            defaultValue = "0",
            description = "Only tokens with this share of the best one's probability count. Default: ${DEFAULT-VALUE}")
    private double minP;

    @Option(
            names = "--repetition-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "Above 1, tokens that occur already become less likely. Default: ${DEFAULT-VALUE}")
    private double repetitionPenalty;

    @Option(
            names = "--presence-penalty",
            paramLabel = "X",
            defaultValue = "0",
            description = "Subtracted from the score of a token that was written already. Default: ${DEFAULT-VALUE}")
    private double presencePenalty;

    @Option(
            names = "--frequency-penalty",
            paramLabel = "X",
            defaultValue = "0",
            description = "Subtracted for each time that it was written. Default: ${DEFAULT-VALUE}")
    private double frequencyPenalty;

    @Option(
            names = "--no-repeat-ngram",
            paramLabel = "N",
            defaultValue = "0",
            description = "No row of N tokens comes twice; 0 for no such rule. Default: ${DEFAULT-VALUE}")
    private int noRepeatNgram;

    @Option(
            names = "--beams",
            paramLabel = "N",
            defaultValue = "0",
            description = "Look for a likely text with N beams instead of drawing one. Default: ${DEFAULT-VALUE}")
    private int beams;

    @Option(
            names = "--length-penalty",
            paramLabel = "X",
            defaultValue = "1",
            description = "How much beams favour longer texts. Default: ${DEFAULT-VALUE}")
    private double lengthPenalty;

    boolean wantsBeams() {
        return beams != 0;
    }

    BeamSearch beamSearch(Set<Integer> stops) {
        return new BeamSearch(beams, lengthPenalty, processors(), stops);
    }

    Generator.Form form(Set<Integer> stops) {
        return new Generator.Form(processors(), new Sampling(temperature, topK, topP, minP), stops);
    }

    private List<LogitProcessor> processors() {
        return Stream.<LogitProcessor>of(
                        repetitionPenalty == 1 ? null : new RepetitionPenalty(repetitionPenalty),
                        presencePenalty == 0 && frequencyPenalty == 0
                                ? null
                                : new OccurrencePenalty(presencePenalty, frequencyPenalty),
                        noRepeatNgram == 0 ? null : new NoRepeatNgram(noRepeatNgram))
                .filter(processor -> processor != null)
                .toList();
    }
}
