/// Learned rational functions of groups of features.
package org.lehr.kernels.rational;
