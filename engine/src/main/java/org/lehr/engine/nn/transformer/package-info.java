/// Blocks of attention and feed-forward layers in all their arrangements, and the decoder made of them.
package org.lehr.engine.nn.transformer;
