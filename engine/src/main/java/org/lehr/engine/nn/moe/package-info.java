/// Mixtures of experts: routers that choose, layers that compute with what was chosen, losses that keep the choice
/// balanced, and what looks at it. To add a router, write a final class that extends
/// [org.lehr.engine.nn.moe.Router]; to add a loss, implement [org.lehr.engine.nn.moe.RoutingLoss].
///
/// Letters: `e` experts, `k` experts of a token, `s` slots of a token for them, `m` rows that experts work on.
package org.lehr.engine.nn.moe;
