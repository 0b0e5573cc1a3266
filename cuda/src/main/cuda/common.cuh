// What all kernels share.
//
// A kernel has one parameter, a structure that the host fills byte for byte (Parameters.java): scalars and addresses
// of 8 bytes first, then those of 4.
#pragma once
