package org.lehr.engine.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.lehr.engine.schedule.CodeEntry;
import org.lehr.engine.schedule.ScheduleCatalogue;
import org.lehr.engine.schedule.ScheduleEntry;
import org.lehr.engine.schedule.ScheduleFamily;
import org.lehr.engine.schedule.ScheduleSpec;
import org.lehr.engine.schedule.control.ControlFamily;
import org.lehr.engine.schedule.control.ControlSpec;

/// Prints everything in the catalogue of schedules: name, course, meaning, options, and what others call it.
record ScheduleList(PrintWriter out) {

    private static final int WIDTH = 118;

    /// @param spark draws the family of a name
    void print(UnaryOperator<String> spark) {
        for (ScheduleFamily family : ScheduleCatalogue.families()) {
            out.printf("%-14s %s  %s%n", family.name(), spark.apply(family.name()), family.meaning());
            row("options", options(family.options()));
            row("as", theirs(family));
        }
        out.printf("%nWhat every one takes besides:%n");
        row("options", options(ScheduleSpec.COMMON));
        out.println(
                "Steps may be shares of the run (0.3, 30%); 1s is one step. Use: lehr train --schedule wsd:decay=0.3");
        out.printf("%nWhat listens to a run and changes the schedule after it: lehr train --schedule plateau+cosine%n");
        List<CodeEntry> named = new ArrayList<>();
        for (ControlFamily family : ControlSpec.families()) {
            out.printf("%-14s %s%n", family.name(), family.entry().meaning());
            row("options", options(family.options()));
            row("as", theirs(family.entry()));
            named.add(family.entry());
        }
        out.printf("%nFrom code:%n");
        for (ScheduleEntry entry : ScheduleCatalogue.all()) {
            if (entry instanceof CodeEntry code && !named.contains(code)) {
                out.printf(
                        "%-14s %s (%s)%n",
                        code.name(), code.meaning(), code.type().getName());
                row("as", theirs(code));
            }
        }
    }

    /// Several lines under each other where one would be too long.
    private void row(String name, String text) {
        String head = "    %-8s".formatted(name);
        StringBuilder line = new StringBuilder(head);
        for (String word : text.split(" ")) {
            if (line.length() + word.length() >= WIDTH) {
                out.println(line);
                line = new StringBuilder(" ".repeat(head.length()));
            }
            line.append(' ').append(word);
        }
        if (!text.isEmpty()) {
            out.println(line);
        }
    }

    private static String options(List<ScheduleFamily.Option> options) {
        return options.stream()
                .map(option -> option.name() + (option.usual().isEmpty() ? "" : "=" + option.usual()) + " ("
                        + option.meaning() + ")")
                .collect(Collectors.joining(", "));
    }

    private static String theirs(ScheduleEntry entry) {
        return entry.theirs().stream()
                .map(theirs -> theirs.preset().isEmpty() ? theirs.toString() : theirs + " (" + theirs.preset() + ")")
                .collect(Collectors.joining(", "));
    }
}
