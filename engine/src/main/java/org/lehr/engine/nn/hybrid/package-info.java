/// Models that mix layers with a state of fixed size and attention: one attention block that many places share, or
/// blocks of both kinds in a pattern.
package org.lehr.engine.nn.hybrid;
