package org.lehr.engine.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.lehr.engine.papers.Paper;
import org.lehr.engine.papers.Studies;
import org.lehr.engine.train.run.RunJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `lehr papers`: what the library covers, and how far.
@Command(
        name = "papers",
        description =
                "List the papers of the library: reproduced by a study, with a part that holds the method, or not yet.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class PapersCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--family", paramLabel = "NAME", description = "Only papers of this family.")
    private String family;

    @Option(names = "--json", description = "One JSON object a line.")
    private boolean json;

    @Override
    public Integer call() {
        if (family != null && !Paper.families().contains(family)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "family '" + family + "': expected one of " + String.join(", ", Paper.families()));
        }
        PrintWriter out = spec.commandLine().getOut();
        List<Paper> chosen = Paper.all().stream()
                .filter(paper -> family == null || paper.family().equals(family))
                .toList();
        for (Paper paper : chosen) {
            if (json) {
                out.println(RunJson.line(members(paper)));
            } else {
                out.printf("%4d  %-12s  %-20s  %s%n", paper.id(), state(paper), paper.family(), paper.title());
            }
        }
        if (!json) {
            long reproduced = chosen.stream()
                    .filter(paper -> Studies.of(paper.id()).isPresent())
                    .count();
            out.printf(
                    "%d papers, %d reproduced. Run a study with: lehr reproduce NUMBER%n", chosen.size(), reproduced);
        }
        out.flush();
        return 0;
    }

    private static Map<String, Object> members(Paper paper) {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("id", paper.id());
        members.put("title", paper.title());
        members.put("family", paper.family());
        members.put("state", state(paper));
        members.put("part", paper.part().isEmpty() ? null : paper.part());
        return members;
    }

    private static String state(Paper paper) {
        if (Studies.of(paper.id()).isPresent()) {
            return "reproduced";
        }
        return paper.part().isEmpty() ? "not yet" : "part exists";
    }
}
