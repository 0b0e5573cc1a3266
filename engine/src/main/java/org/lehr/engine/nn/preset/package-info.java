/// Well-known models under the names that their public checkpoints give to parameters, so that safetensors files load.
package org.lehr.engine.nn.preset;
