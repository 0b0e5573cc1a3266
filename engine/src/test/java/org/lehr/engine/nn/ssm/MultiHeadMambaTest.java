package org.lehr.engine.nn.ssm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.LayerGradient;
import org.lehr.engine.nn.SequenceLayer.Step;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Concat;
import org.lehr.engine.tensor.op.Silu;
import org.lehr.engine.tensor.op.Softplus;
import org.lehr.kernels.DType;

final class MultiHeadMambaTest {

    private static final RandomStream RANDOM = new RandomStream(31);
    private static final Mamba.Form FORM = new Mamba.Form(4, 3, 4, 2, 2);

    @Test
    void gradientsAreThoseOfDifferences() {
        LayerGradient.check(new MultiHeadMamba(new MultiHeadMamba.Form(FORM, 2), 1, RANDOM), 2, 6, 4);
    }

    @Test
    void oneHeadIsMamba() {
        Mamba plain = new Mamba(FORM, 3, RANDOM);
        MultiHeadMamba one = new MultiHeadMamba(new MultiHeadMamba.Form(FORM, 1), 3, RANDOM);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        Map<String, Tensor> own = plain.state();
        // Rows x0, x1, ..., z0, z1, ... in the order x0, z0, x1, z1, ...
        weights.put(
                "in_proj.weight",
                own.get("in_proj.weight").reshape(2, 8, 4).transpose(0, 1).reshape(16, 4));
        for (String same : List.of("conv1d.weight", "conv1d.bias", "out_proj.weight")) {
            weights.put(same, own.get(same));
        }
        weights.put("x_proj_weight", own.get("x_proj.weight").unsqueeze(0));
        weights.put("dt_proj_weight", own.get("dt_proj.weight").unsqueeze(0));
        weights.put("dt_proj_bias", own.get("dt_proj.bias").unsqueeze(0));
        weights.put("A_log", own.get("A_log").unsqueeze(0));
        weights.put("D", own.get("D").unsqueeze(0));
        one.load(weights);
        Tensor x = RANDOM.normal(DType.FLOAT32, 2, 9, 4);
        assertArrayEquals(plain.apply(x).toFloatArray(), one.apply(x).toFloatArray(), 1e-6f);
    }

    /// The equations, head by head and time by time.
    private static Tensor reference(Map<String, Tensor> weights, Tensor x, int heads) {
        int channels = 8;
        int each = channels / heads;
        Tensor projected = x.matmul(weights.get("in_proj.weight").transpose(0, 1));
        Tensor pairs = projected.reshape(2, 9, channels, 2);
        Tensor u = pairs.slice(3, 0, 1).squeeze(3);
        Tensor z = pairs.slice(3, 1, 2).squeeze(3);
        Tensor padded = Concat.concat(1, Tensor.zeros(2, 3, channels).to(DType.FLOAT64), u);
        Tensor convolved = weights.get("conv1d.bias");
        for (int tap = 0; tap < 4; tap++) {
            Tensor filter = weights.get("conv1d.weight").slice(2, tap, tap + 1).reshape(channels);
            convolved = padded.slice(1, tap, tap + 9).mul(filter).add(convolved);
        }
        u = Silu.silu(convolved);
        List<Tensor> outputs = new ArrayList<>();
        for (int head = 0; head < heads; head++) {
            Tensor mine = u.slice(2, head * each, (head + 1) * each);
            Tensor chosen = mine.matmul(at(weights, "x_proj_weight", head).transpose(0, 1));
            Tensor steps = Softplus.softplus(chosen.slice(2, 0, 2)
                    .matmul(at(weights, "dt_proj_weight", head).transpose(0, 1))
                    .add(at(weights, "dt_proj_bias", head)));
            Tensor rates = at(weights, "A_log", head).exp().neg();
            Tensor state = Tensor.zeros(2, each, 3).to(DType.FLOAT64);
            List<Tensor> ys = new ArrayList<>();
            for (int t = 0; t < 9; t++) {
                Tensor step = steps.slice(1, t, t + 1).transpose(1, 2);
                Tensor input = mine.slice(1, t, t + 1).transpose(1, 2);
                Tensor b = chosen.slice(1, t, t + 1).slice(2, 2, 5);
                Tensor c = chosen.slice(1, t, t + 1).slice(2, 5, 8);
                state = step.mul(rates).exp().mul(state).add(step.mul(input).mul(b));
                ys.add(state.mul(c)
                        .sum(2)
                        .add(input.squeeze(2).mul(at(weights, "D", head)))
                        .unsqueeze(1));
            }
            outputs.add(Concat.concat(1, ys.toArray(Tensor[]::new)));
        }
        Tensor joined = Concat.concat(2, outputs.toArray(Tensor[]::new)).mul(Silu.silu(z));
        return joined.matmul(weights.get("out_proj.weight").transpose(0, 1));
    }

    private static Tensor at(Map<String, Tensor> weights, String name, int head) {
        return weights.get(name).slice(0, head, head + 1).squeeze(0);
    }

    @Test
    void headsAreScansOfTheirOwn() {
        for (int heads : new int[] {1, 2, 4}) {
            MultiHeadMamba layer = new MultiHeadMamba(new MultiHeadMamba.Form(FORM, heads), 1, RANDOM);
            layer.convert(DType.FLOAT64);
            Tensor x = RANDOM.normal(DType.FLOAT64, 2, 9, 4);
            double[] expected = reference(layer.state(), x, heads).toDoubleArray();
            assertArrayEquals(expected, layer.apply(x).toDoubleArray(), 1e-12, heads + " heads");
        }
    }

    @Test
    void oneTimeAfterTheOtherGivesWhatAllAtOnceGive() {
        MultiHeadMamba layer = new MultiHeadMamba(new MultiHeadMamba.Form(Mamba.Form.of(24), 2), 1, RANDOM);
        Tensor x = RANDOM.normal(DType.FLOAT32, 3, 40, 24);
        List<Tensor> ys = new ArrayList<>();
        Mamba.State state = layer.start(3);
        for (int t = 0; t < 40; t++) {
            Step<Mamba.State> step = layer.run(x.slice(1, t, t + 1), state);
            ys.add(step.y());
            state = step.state();
        }
        assertArrayEquals(
                layer.apply(x).toFloatArray(),
                Concat.concat(1, ys.toArray(Tensor[]::new)).toFloatArray(),
                1e-5f);
        assertArrayEquals(
                layer.run(x, layer.start(3)).state().states().toFloatArray(),
                state.states().toFloatArray(),
                1e-5f);
    }

    @Test
    void refusalsNameTheValues() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new MultiHeadMamba(new MultiHeadMamba.Form(FORM, 3), 1, RANDOM))
                .getMessage();
        assertTrue(message.contains("3 heads") && message.contains("8 channels"), message);
        MultiHeadMamba layer = new MultiHeadMamba(new MultiHeadMamba.Form(FORM, 2), 1, RANDOM);
        message = assertThrows(IllegalArgumentException.class, () -> layer.apply(Tensor.zeros(2, 3, 5)))
                .getMessage();
        assertTrue(message.contains("[b, t, 4]") && message.contains("[2, 3, 5]"), message);
        assertEquals(0, layer.apply(Tensor.zeros(2, 0, 4)).size());
    }
}
