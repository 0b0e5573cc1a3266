package org.lehr.cuda.ptx;

import java.util.Optional;

/// What a thread knows of itself and its launch, as long as it runs.
@FunctionalInterface
interface SpecialRegister {

    long value(Warp warp, int lane);

    /// The one of this name, if it is one that stays the same.
    static Optional<SpecialRegister> of(String name) {
        return Optional.ofNullable(
                switch (name) {
                    case "%tid.x" ->
                        (w, l) -> w.thread(l) % w.block().launch().threads().x();
                    case "%tid.y" ->
                        (w, l) -> w.thread(l)
                                / w.block().launch().threads().x()
                                % w.block().launch().threads().y();
                    case "%tid.z" ->
                        (w, l) -> w.thread(l)
                                / (w.block().launch().threads().x()
                                        * w.block().launch().threads().y());
                    case "%ntid.x" -> (w, l) -> w.block().launch().threads().x();
                    case "%ntid.y" -> (w, l) -> w.block().launch().threads().y();
                    case "%ntid.z" -> (w, l) -> w.block().launch().threads().z();
                    case "%ctaid.x" -> (w, l) -> w.block().place().x();
                    case "%ctaid.y" -> (w, l) -> w.block().place().y();
                    case "%ctaid.z" -> (w, l) -> w.block().place().z();
                    case "%nctaid.x" -> (w, l) -> w.block().launch().blocks().x();
                    case "%nctaid.y" -> (w, l) -> w.block().launch().blocks().y();
                    case "%nctaid.z" -> (w, l) -> w.block().launch().blocks().z();
                    case "%laneid" -> (w, l) -> l;
                    case "%warpid" -> (w, l) -> w.index();
                    case "%nwarpid" -> (w, l) -> (w.block().launch().threads().count() + Warp.LANES - 1) / Warp.LANES;
                    case "%lanemask_eq" -> (w, l) -> 1L << l;
                    case "%lanemask_lt" -> (w, l) -> (1L << l) - 1;
                    case "%lanemask_le" -> (w, l) -> (2L << l) - 1;
                    case "%lanemask_gt" -> (w, l) -> 0xffffffffL & ~((2L << l) - 1);
                    case "%lanemask_ge" -> (w, l) -> 0xffffffffL & ~((1L << l) - 1);
                    case "%smid" -> (w, l) -> 0;
                    case "%nsmid" -> (w, l) -> 1;
                    case "%gridid" -> (w, l) -> 0;
                    case "%dynamic_smem_size" -> (w, l) -> w.block().launch().shared();
                    case "%total_smem_size" ->
                        (w, l) -> w.block().launch().program().shared()
                                + w.block().launch().shared();
                    default -> null;
                });
    }
}
