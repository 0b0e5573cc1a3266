package org.lehr.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.lehr.kernels.UpdateKernels;
import org.lehr.kernels.View;
import org.lehr.kernels.memory.Storage;

/// Optimizer steps, one launch to a parameter.
record CudaUpdate(Runtime runtime) implements UpdateKernels {

    private static final String FILE = "update";
    private static final int CODED = 256;
    private static final float[] SIGNED = values(true);
    private static final float[] POSITIVE = values(false);

    @Override
    public void adam(List<AdamSlot> slots, Adam form) {
        if (form.step() < 1) {
            throw new IllegalArgumentException("adam: steps count from 1, got step " + form.step());
        }
        double decay = form.weightDecay();
        for (AdamSlot slot : slots) {
            begin("adam", slot.parameter(), slot.gradient())
                    .dense(slot.mean())
                    .dense(slot.variance())
                    .dense(slot.maximum())
                    .number(slot.parameter().size())
                    .number(form.gradientScale())
                    .number(form.decoupled() ? 0 : decay)
                    .number(form.decoupled() ? 1 - form.rate() * decay : 1)
                    .number(form.beta1())
                    .number(1 - form.beta1())
                    .number(form.beta2())
                    .number(1 - form.beta2())
                    .number(form.rate() / (1 - Math.pow(form.beta1(), form.step())))
                    .number(1 / Math.sqrt(1 - Math.pow(form.beta2(), form.step())))
                    .number(form.epsilon())
                    .forElements(slot.parameter().size());
        }
    }

    @Override
    public void sgd(List<SgdSlot> slots, Sgd form) {
        for (SgdSlot slot : slots) {
            begin("sgd", slot.parameter(), slot.gradient())
                    .dense(slot.momentum())
                    .number(slot.parameter().size())
                    .number(form.gradientScale())
                    .number(form.weightDecay())
                    .number(form.momentum())
                    .number(1 - form.dampening())
                    .number(form.rate())
                    .flag(form.step() == 1)
                    .flag(form.nesterov())
                    .forElements(slot.parameter().size());
        }
    }

    @Override
    public void encode(View codes, View scales, View values, boolean signed) {
        long blocks = check(codes, scales, values);
        coded("encode", codes, scales, values, signed, launch -> launch.forRows(blocks));
    }

    @Override
    public void decode(View values, View codes, View scales, boolean signed) {
        check(codes, scales, values);
        coded("decode", codes, scales, values, signed, launch -> launch.forElements(values.size()));
    }

    private void coded(String kernel, View codes, View scales, View values, boolean signed, Consumer<Launch> run) {
        Storage table = runtime.allocate(Float.BYTES * CODED, kernel);
        try {
            runtime.copyIn(table.address(), MemorySegment.ofArray(signed ? SIGNED : POSITIVE));
            run.accept(runtime.launch(kernel, FILE, kernel)
                    .dense(codes)
                    .dense(scales)
                    .dense(values)
                    .scratch(table)
                    .number(values.size())
                    .flag(signed));
        } finally {
            table.release();
        }
    }

    private Launch begin(String update, View parameter, View gradient) {
        if (!parameter.dtype().isFloating()) {
            throw new IllegalArgumentException("update: parameters must be floating, got " + parameter);
        }
        return runtime.launch(update, FILE, update + "_" + parameter.dtype() + "_" + gradient.dtype())
                .dense(parameter)
                .dense(gradient);
    }

    private static long check(View codes, View scales, View values) {
        long blocks = Math.ceilDiv(values.size(), CODED);
        if (codes.size() != values.size() || scales.size() != blocks) {
            throw new IllegalArgumentException("block codes: expected " + values.size() + " codes and " + blocks
                    + " scales for " + values.size() + " numbers, got " + codes.size() + " and " + scales.size());
        }
        return blocks;
    }

    /// The values that bytes stand for (Dettmers, Lewis, Shleifer, Zettlemoyer 2022): 0, 1 and, for each power of
    /// ten
    /// from 10⁻⁶ to 1, the middles of equal parts of `[0.1, 1]` times it, twice as many for each next one.
    private static float[] values(boolean signed) {
        float[] values = new float[CODED];
        int count = 0;
        for (int power = 0; power < 7; power++) {
            int parts = 1 << (signed ? power : power + 1);
            for (int part = 0; part < parts; part++) {
                float value = (float) (Math.pow(10, power - 6) * (0.1 + 0.9 * (part + 0.5) / parts));
                values[count++] = value;
                if (signed) {
                    values[count++] = -value;
                }
            }
        }
        values[count++] = 0;
        values[count] = 1;
        Arrays.sort(values);
        return values;
    }
}
