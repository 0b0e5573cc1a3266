/// Recurrent networks: one loop over time, [org.lehr.engine.nn.recurrent.RecurrentNetwork], and the cells that it can
/// be
/// given. To add a cell, write a record that implements [org.lehr.engine.nn.recurrent.Cell].
package org.lehr.engine.nn.recurrent;
