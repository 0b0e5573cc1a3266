package org.lehr.engine.optim.wrapper;

import org.lehr.engine.optim.Default;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.Wrapper;
import org.lehr.engine.optim.offload.OffloadedOptimizer;

/// Deep Optimizer States (Maurya et al. 2024): the state lives in a memory-mapped file, so that it may be larger than
/// memory, and updates go over subgroups of parameters. Every `stride`-th is copied to memory, updated there and copied
/// back, the next one being fetched and the last one written beside the update; the others are updated where their
/// state lives. The same bits as without it, for any stride and subgroup; state that was saved with it can be loaded
/// without, and the other way round.
///
/// For optimizers whose update of a parameter depends on that parameter alone; what changes their chain stands inside:
/// `offload+galore+adamw:state=block8`. The file belongs to one optimizer, and what it holds to one run: runs resume
/// from checkpoints. Parameters on other devices than the host are refused.
///
/// @param file its name, in a folder that is there; empty for one without a name among the temporary files
/// @param subgroup how many parameters are updated together; a tensor is not cut, so that one with more is alone
/// @param limit bytes of state that may be in memory at the same time, of which up to three subgroups are; 0 for any.
/// Not
///     counted is what the system keeps of the file in its page cache, and gives up when memory is short
/// @param stride see [org.lehr.engine.optim.offload.Interleaving]; 0 for what times measured in the first steps suggest
public record Offload(
        @Default("") String file,
        @Default("4194304") long subgroup,
        @Default("0") long limit,
        @Default("0") long stride)
        implements Wrapper {

    public Offload {
        new OffloadedOptimizer.Form(file, subgroup, limit, stride);
    }

    @Override
    public Recipe around(Recipe inner) {
        OffloadedOptimizer.Form form = new OffloadedOptimizer.Form(file, subgroup, limit, stride);
        return (groups, format) -> new OffloadedOptimizer(inner, groups, format, form, _ -> {});
    }
}
