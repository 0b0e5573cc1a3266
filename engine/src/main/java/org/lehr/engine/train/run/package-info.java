/// The folder of a run: configuration, metrics, TensorBoard events, checkpoints' places, samples, status, report.
///
/// What belongs here: what is written about a run and read back, with nothing of tensors or models. May import
/// `engine.io` and the JSON library. To show another curve in the report, add a line to
/// [org.lehr.engine.train.run.RunReport]; to keep another file in the folder, add its path to
/// [org.lehr.engine.train.run.RunFolder].
package org.lehr.engine.train.run;
