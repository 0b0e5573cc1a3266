package org.lehr.engine.train.run;

import java.math.BigInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// The order in which people list names: `run-2` before `run-10`.
final class NaturalOrder {

    private static final Pattern PIECE = Pattern.compile("\\d+|\\D+");

    private NaturalOrder() {}

    static int compare(String left, String right) {
        var lefts = PIECE.matcher(left).results().map(MatchResult::group).toList();
        var rights = PIECE.matcher(right).results().map(MatchResult::group).toList();
        for (int i = 0; i < Math.min(lefts.size(), rights.size()); i++) {
            int order = comparePieces(lefts.get(i), rights.get(i));
            if (order != 0) {
                return order;
            }
        }
        int order = Integer.compare(lefts.size(), rights.size());
        return order != 0 ? order : left.compareTo(right);
    }

    private static int comparePieces(String left, String right) {
        boolean numbers = Character.isDigit(left.charAt(0)) && Character.isDigit(right.charAt(0));
        return numbers ? new BigInteger(left).compareTo(new BigInteger(right)) : left.compareTo(right);
    }
}
