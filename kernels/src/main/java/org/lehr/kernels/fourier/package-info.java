/// Fourier transforms of real signals along time.
package org.lehr.kernels.fourier;
