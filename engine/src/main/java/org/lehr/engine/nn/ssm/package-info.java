/// Layers whose memory of a sequence is a state of fixed size, and models made of them. They read sequences of any
/// length, all at once or piece by piece ([org.lehr.engine.nn.SequenceLayer]).
package org.lehr.engine.nn.ssm;
