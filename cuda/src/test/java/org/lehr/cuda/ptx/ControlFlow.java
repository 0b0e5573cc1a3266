package org.lehr.cuda.ptx;

import java.util.ArrayList;
import java.util.List;
import org.lehr.cuda.ptx.PtxFault.Kind;

/// Branches, calls, and ends.
final class ControlFlow {

    private ControlFlow() {}

    static Instruction decode(Statement s, Frame f) {
        return switch (s.opcode()) {
            case "bra" -> {
                int target = f.target(label(s.operand(0), s), s);
                yield new Steering((warp, lanes) -> warp.moveTo(lanes, target));
            }
            case "brx" -> indexed(s, f);
            case "call" -> call(s, f);
            case "ret" -> new Steering(ControlFlow::back);
            case "exit" -> new Steering(Warp::exit);
            case "nanosleep" -> new Steering((warp, lanes) -> {});
            default ->
                (warp, lanes) -> {
                    throw warp.fault(Kind.TRAP, Integer.numberOfTrailingZeros(lanes), "stops on purpose");
                };
        };
    }

    private static String label(Operand operand, Statement s) {
        if (operand instanceof Operand.Name(String name)) {
            return name;
        }
        throw s.unknown("expected a label");
    }

    private static Instruction indexed(Statement s, Frame f) {
        int index = f.read(s.operand(0), s);
        List<String> labels = f.text().targets.get(label(s.operand(1), s));
        if (labels == null) {
            throw s.unknown("there is no list of targets of that name");
        }
        int[] targets = labels.stream().mapToInt(l -> f.target(l, s)).toArray();
        return new Steering((warp, lanes) -> {
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                long chosen = warp.registers[index + lane] & 0xffffffffL;
                if (chosen >= targets.length) {
                    throw warp.fault(
                            Kind.OUT_OF_BOUNDS, lane, "branches to target " + chosen + " of " + targets.length);
                }
                warp.moveTo(1 << lane, targets[(int) chosen]);
            }
        });
    }

    private static Instruction call(Statement s, Frame f) {
        List<Operand> operands = new ArrayList<>(s.operands());
        boolean returns = operands.getFirst() instanceof Operand.Several;
        List<Operand> results = returns ? parts(operands.removeFirst()) : List.of();
        Frame callee = f.callee(operands.getFirst(), s);
        List<Operand> arguments = operands.size() > 1 ? parts(operands.get(1)) : List.of();
        List<CallStack.Move> in = moves(arguments, callee.text().parameters, f, callee, s, true);
        List<CallStack.Move> out = moves(results, callee.text().returns, f, callee, s, false);
        int entry = callee.entry();
        return new Steering((warp, lanes) -> {
            CallStack.Return back = new CallStack.Return(warp.step() + 1, out);
            for (int left = lanes; left != 0; left &= left - 1) {
                int lane = Integer.numberOfTrailingZeros(left);
                for (CallStack.Move move : in) {
                    warp.local().copy(lane, move.to(), move.from(), move.bytes());
                }
                warp.calls().push(lane, back);
            }
            warp.moveTo(lanes, entry);
        });
    }

    private static List<Operand> parts(Operand operand) {
        return ((Operand.Several) operand).parts();
    }

    private static List<CallStack.Move> moves(
            List<Operand> ours, List<Variable> theirs, Frame caller, Frame callee, Statement s, boolean in) {
        if (ours.size() != theirs.size()) {
            throw s.unknown("passes " + ours.size() + " values where " + theirs.size() + " are declared");
        }
        List<CallStack.Move> moves = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            int own = caller.localOffset(label(ours.get(i), s), s);
            int their = callee.localOffset(theirs.get(i).name(), s);
            moves.add(new CallStack.Move(
                    in ? their : own, in ? own : their, theirs.get(i).size()));
        }
        return moves;
    }

    private static void back(Warp warp, int lanes) {
        for (int left = lanes; left != 0; left &= left - 1) {
            int lane = Integer.numberOfTrailingZeros(left);
            CallStack.Return to = warp.calls().pop(lane);
            if (to == null) {
                warp.exit(1 << lane);
            } else {
                for (CallStack.Move move : to.results()) {
                    warp.local().copy(lane, move.to(), move.from(), move.bytes());
                }
                warp.moveTo(1 << lane, to.step());
            }
        }
    }
}
