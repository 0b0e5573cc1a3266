package org.lehr.engine.cli;

import java.io.PrintWriter;
import java.io.StringWriter;

/// The command line, run within the tests.
final class Lehr {

    private Lehr() {}

    /// What a command came to.
    record Result(int code, String out, String err) {}

    static Result lehr(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = Main.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Result(code, out.toString(), err.toString());
    }
}
