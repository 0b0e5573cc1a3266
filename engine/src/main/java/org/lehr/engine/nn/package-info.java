/// Modules: parameters under public names, layers, and whole models made of them. To add a layer, write a
/// final class that extends [org.lehr.engine.nn.Layer] and registers what it owns in its constructor.
package org.lehr.engine.nn;
