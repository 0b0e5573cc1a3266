package org.lehr.engine.cli;

import java.util.Objects;
import java.util.stream.Stream;
import org.lehr.engine.train.RunConfig;
import picocli.CommandLine.Option;

/// The options of `lehr train --arch moe` that other architectures do not have.
final class ExpertOptions {

    @Option(names = "--experts", paramLabel = "N", description = "Experts of a mixture. Default: 8")
    private Integer count;

    @Option(names = "--experts-per-token", paramLabel = "N", description = "How many of them a token has. Default: 2")
    private Integer chosen;

    @Option(
            names = "--shared-experts",
            paramLabel = "N",
            description = "Experts that all tokens have besides. Default: 0")
    private Integer shared;

    @Option(
            names = "--mixture-every",
            paramLabel = "N",
            description = "One block of so many has a mixture. Default: 1, every block")
    private Integer every;

    @Option(
            names = "--router",
            paramLabel = "NAME",
            description = "softmax, sigmoid, noisy, hash, similarity or attention. Default: softmax")
    private String router;

    boolean anyGiven() {
        return Stream.of(count, chosen, shared, every, router).anyMatch(Objects::nonNull);
    }

    /// These options over `base`.
    RunConfig.Experts over(RunConfig.Experts base) {
        return new RunConfig.Experts(
                count == null ? base.count() : count,
                chosen == null ? base.chosen() : chosen,
                shared == null ? base.shared() : shared,
                every == null ? base.every() : every,
                router == null ? base.router() : router);
    }
}
