package org.lehr.engine.tensor.op;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.lehr.engine.tensor.Call;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.Op;
import org.lehr.engine.tensor.Tensor;

/// A dense copy on another device; the gradient is moved back. `x [...] → [...]`
public record Move(Device target) implements Op {

    private static final int ALIGNMENT = 64;

    @Override
    public Tensor forward(Call call) {
        Tensor x = call.input(0).contiguous();
        Tensor out = Tensor.empty("move", target, x.dtype(), x.shape());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment host = arena.allocate(x.size() * x.dtype().bytes(), ALIGNMENT);
            x.device().backend().download(host, x.view());
            target.backend().upload(out.view(), host);
        }
        return out;
    }

    @Override
    public Tensor[] backward(Call call, Tensor dy) {
        return new Tensor[] {dy.to(call.device())};
    }

    @Override
    public boolean readsInputs() {
        return false;
    }
}
