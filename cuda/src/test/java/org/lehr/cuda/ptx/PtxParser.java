package org.lehr.cuda.ptx;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads files of PTX.
final class PtxParser {

    private static final Pattern HEAD = Pattern.compile(
            "(?s)((?:\\.\\w+\\s+)*?)\\.(entry|func)\\s*(?:\\((.*?)\\))?\\s*([\\w$]+)\\s*(?:\\((.*?)\\)\\s*)?(?:\\.[^()]*)?");
    private static final Pattern REGISTERS = Pattern.compile("\\.reg\\s+\\.\\w+\\s+(.*)", Pattern.DOTALL);
    private static final Pattern RANGE = Pattern.compile("([%\\w$]+)<(\\d+)>");
    private static final Pattern INSTRUCTION =
            Pattern.compile("(?s)(?:@(!?)\\s*([%\\w$@]+)\\s+)?([a-zA-Z][\\w.:]*)\\s*(.*)");

    private final Scanner scanner;
    private final Map<String, Variable> variables = new LinkedHashMap<>();
    private final Map<String, FunctionText> functions = new LinkedHashMap<>();

    private FunctionText function;
    private final Deque<Map<String, String>> scopes = new ArrayDeque<>();
    private int opened;

    private PtxParser(String text) {
        scanner = new Scanner(text);
    }

    /// @throws PtxSyntaxException with file and line
    static ModuleText parse(String file, String text) {
        try {
            PtxParser parser = new PtxParser(text);
            parser.module();
            return new ModuleText(file, parser.variables, parser.functions);
        } catch (PtxSyntaxException e) {
            throw e.in(file);
        }
    }

    private void module() {
        String piece;
        while ((piece = scanner.nextOutside()) != null) {
            Matcher head = HEAD.matcher(piece);
            if (head.matches()) {
                if (scanner.end() == '{') {
                    function(head);
                }
            } else if (DeclarationParser.matches(piece)) {
                Variable variable = DeclarationParser.parse(piece, scanner.line());
                variables.put(variable.name(), variable);
            } else if (!piece.matches("(?s)\\.(version|target|address_size|file|pragma|alias).*")) {
                throw new PtxSyntaxException(scanner.line(), "unknown directive: " + piece);
            }
        }
    }

    private void function(Matcher head) {
        int line = scanner.line();
        List<Variable> returns = head.group(3) == null ? List.of() : DeclarationParser.parseList(head.group(3), line);
        List<Variable> parameters =
                head.group(5) == null ? List.of() : DeclarationParser.parseList(head.group(5), line);
        function = new FunctionText(head.group(4), head.group(2).equals("entry"), returns, parameters);
        functions.put(function.name, function);
        scopes.push(new HashMap<>());
        while (!scopes.isEmpty()) {
            String piece = scanner.nextInBody();
            if (piece == null) {
                throw new PtxSyntaxException(line, "the body of " + function.name + " does not end");
            }
            piece(piece);
        }
    }

    private void piece(String piece) {
        if (piece.equals("{")) {
            opened++;
            scopes.push(new HashMap<>());
        } else if (piece.equals("}")) {
            scopes.pop();
        } else if (piece.endsWith(":")) {
            label(piece.substring(0, piece.length() - 1).strip());
        } else if (piece.startsWith(".reg")) {
            registers(piece);
        } else if (piece.startsWith(".branchtargets")) {
            List<String> labels = OperandParser.split(piece.substring(".branchtargets".length()));
            function.labels.entrySet().stream()
                    .filter(e -> e.getValue() == function.statements.size())
                    .forEach(e -> function.targets.put(e.getKey(), labels));
        } else if (DeclarationParser.matches(piece)) {
            Variable declared = DeclarationParser.parse(piece, scanner.line());
            String name = declare(declared.name());
            function.variables.put(
                    name,
                    new Variable(name, declared.space(), declared.alignment(), declared.size(), declared.initial()));
        } else if (!piece.startsWith(".pragma") && !piece.startsWith(".loc")) {
            function.statements.add(statement(piece));
        }
    }

    private void label(String label) {
        if (function.labels.put(label, function.statements.size()) != null) {
            throw new PtxSyntaxException(scanner.line(), "the label " + label + " stands twice in " + function.name);
        }
    }

    private void registers(String piece) {
        Matcher m = REGISTERS.matcher(piece);
        if (!m.matches()) {
            throw new PtxSyntaxException(scanner.line(), "unknown registers: " + piece);
        }
        for (String name : OperandParser.split(m.group(1))) {
            Matcher range = RANGE.matcher(name);
            if (range.matches()) {
                for (int i = 0; i < Integer.parseInt(range.group(2)); i++) {
                    function.registers.add(declare(range.group(1) + i));
                }
            } else {
                function.registers.add(declare(name));
            }
        }
    }

    private String declare(String name) {
        String unique = scopes.size() == 1 ? name : name + "@" + opened;
        scopes.peek().put(name, unique);
        return unique;
    }

    private String scoped(String name) {
        for (Map<String, String> scope : scopes) {
            String unique = scope.get(name);
            if (unique != null) {
                return unique;
            }
        }
        return name;
    }

    private Statement statement(String piece) {
        Matcher m = INSTRUCTION.matcher(piece);
        if (!m.matches()) {
            throw new PtxSyntaxException(scanner.line(), "unknown instruction: " + piece);
        }
        Operand guard = null;
        if (m.group(2) != null) {
            String name = scoped(m.group(2));
            guard = m.group(1).isEmpty() ? new Operand.Name(name) : new Operand.Not(name);
        }
        OperandParser operands = new OperandParser(scanner.line(), this::scoped);
        return new Statement(
                scanner.line(),
                piece.replaceAll("\\s+", " "),
                guard,
                List.of(m.group(3).split("\\.|::")),
                operands.parseAll(m.group(4)));
    }
}
