package org.lehr.engine.nn.moe;

import java.util.List;
import java.util.Locale;
import org.lehr.engine.nn.Initializer;

/// The routers by the names of configurations, each in its usual form: causal, with the losses that balance it.
public enum Routers {
    /// Softmax over all experts, weights of the chosen renormalised; balanced by the loss of Switch.
    SOFTMAX {
        @Override
        public RouterFactory of(int experts, int chosen, long vocabulary) {
            return (width, random) -> new TopKRouter(width, experts, Scoring.SOFTMAX, TopK.of(chosen), INITIAL, random);
        }

        @Override
        public List<RoutingLoss.Term> losses() {
            return SWITCH;
        }
    },
    /// Sigmoid scores, balanced by a bias.
    SIGMOID {
        @Override
        public RouterFactory of(int experts, int chosen, long vocabulary) {
            return (width, random) ->
                    new TopKRouter(width, experts, Scoring.SIGMOID, TopK.of(chosen), 1e-3, INITIAL, random);
        }

        @Override
        public List<RoutingLoss.Term> losses() {
            return List.of(RoutingLoss.Term.of(RoutingLosses.SEQUENCE, 1e-4));
        }
    },
    /// Noisy logits, balanced by importance and load.
    NOISY {
        @Override
        public RouterFactory of(int experts, int chosen, long vocabulary) {
            return (width, random) -> new NoisyTopKRouter(width, experts, TopK.of(chosen), INITIAL, random);
        }

        @Override
        public List<RoutingLoss.Term> losses() {
            return List.of(
                    RoutingLoss.Term.of(RoutingLosses.IMPORTANCE, 1e-2),
                    new RoutingLoss.Term("load", 1e-2, new SmoothLoad()));
        }
    },
    /// By the token alone.
    HASH {
        @Override
        public RouterFactory of(int experts, int chosen, long vocabulary) {
            if (chosen != 1) {
                throw new IllegalArgumentException("hash router: gives a token one expert, got " + chosen);
            }
            return (_, random) -> new HashRouter(vocabulary, experts, random);
        }

        @Override
        public List<RoutingLoss.Term> losses() {
            return List.of();
        }
    },
    /// Scores shared by similar tokens.
    SIMILARITY {
        @Override
        public RouterFactory of(int experts, int chosen, long vocabulary) {
            var similarity = new SimilarityAwareRouter.Similarity(1, true);
            return (width, random) ->
                    new SimilarityAwareRouter(width, experts, similarity, TopK.of(chosen), INITIAL, random);
        }

        @Override
        public List<RoutingLoss.Term> losses() {
            return SWITCH;
        }
    },
    /// Scores shared as the attention before says.
    ATTENTION {
        @Override
        public RouterFactory of(int experts, int chosen, long vocabulary) {
            return (width, random) -> new AttentionAwareRouter(width, experts, TopK.of(chosen), INITIAL, random);
        }

        @Override
        public List<RoutingLoss.Term> losses() {
            return SWITCH;
        }
    };

    private static final Initializer INITIAL = Initializer.normal(0.02);
    private static final List<RoutingLoss.Term> SWITCH =
            List.of(RoutingLoss.Term.of(RoutingLosses.SWITCH, 1e-2), RoutingLoss.Term.of(RoutingLosses.Z, 1e-3));

    /// Routers that choose `chosen` of `experts` for each token.
    ///
    /// @param vocabulary number of tokens
    public abstract RouterFactory of(int experts, int chosen, long vocabulary);

    /// What balances them.
    public abstract List<RoutingLoss.Term> losses();

    /// The router of this name in any case.
    public static Routers named(String name) {
        for (Routers router : values()) {
            if (router.name().equalsIgnoreCase(name)) {
                return router;
            }
        }
        throw new IllegalArgumentException("router '" + name + "': expected one of " + names());
    }

    /// The names there are.
    public static List<String> names() {
        return List.of(values()).stream()
                .map(router -> router.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
