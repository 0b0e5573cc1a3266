package org.lehr.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.lehr.kernels.memory.Storage;

/// What a device must be able to do, grouped by family. Implementations are found with `ServiceLoader`, so that
/// the engine names none of them.
///
/// All families follow the same rules. The caller has checked shapes and dtypes and names them in its errors; a
/// kernel checks only what would make it read or write out of bounds. Output views are dense or strided without
/// overlap, are written completely, and never alias an input unless the method says so. Inputs and outputs of one
/// call have one floating dtype, unless said otherwise; bfloat16 is computed in float32 and rounded once at the end.
/// Any dimension may be empty. Results do not depend on the number of threads, bit for bit.
public interface Backend {

    /// The device's name: `cpu`, `cuda`.
    String name();

    /// Why this backend cannot be used on this machine, in one sentence; empty when it can.
    Optional<String> unusableBecause();

    /// One line about the hardware in use, for `info` and reports.
    String description();

    /// Takes memory of at least `bytes` bytes, not cleared, aligned to 64 bytes.
    ///
    /// @param owner what the memory is for, named by the message when memory runs out
    Storage allocate(long bytes, String owner);

    /// As [#allocate], for [IndexKernels#rowSums]: preferably memory that is known to be mostly zero.
    default Storage allocateForSums(long bytes, String owner) {
        return allocate(bytes, owner);
    }

    /// Copies dense elements from host memory, which holds exactly as many bytes, into dense `out`.
    default void upload(View out, MemorySegment host) {
        long bytes = out.size() * out.dtype().bytes();
        // An empty view may begin behind the end of its storage.
        if (bytes > 0) {
            MemorySegment.copy(host, 0, out.storage().segment(), out.byteOffset(), bytes);
        }
    }

    /// Copies the elements of dense `in` to host memory of as many bytes.
    default void download(MemorySegment host, View in) {
        long bytes = in.size() * in.dtype().bytes();
        if (bytes > 0) {
            MemorySegment.copy(in.storage().segment(), in.byteOffset(), host, 0, bytes);
        }
    }

    PointwiseKernels pointwise();

    ReductionKernels reductions();

    MatmulKernels matmuls();

    NormalizationKernels normalizations();

    AttentionKernels attention();

    ConvolutionKernels convolutions();

    ScanKernels scans();

    FourierKernels fourier();

    IndexKernels indexing();

    LossKernels losses();

    UpdateKernels updates();

    RandomKernels randoms();

    RationalKernels rationals();
}
