package org.lehr.engine.papers.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.optim.Optimizer;
import org.lehr.engine.optim.ParameterGroup;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.offload.Event;
import org.lehr.engine.optim.offload.OffloadedOptimizer;
import org.lehr.engine.optim.recipe.AdamW;
import org.lehr.engine.optim.transform.StateFormat;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.OffloadClock;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.train.run.Chart;
import org.lehr.engine.train.run.Series;
import org.lehr.kernels.DType;

/// Maurya et al. 2024: of optimizer state that lives off the device, every k-th subgroup is fetched, updated on the
/// device and written back while the host updates the others, which is faster than updates on the host alone or on the
/// device alone; a performance model finds k.
///
/// The optimizer takes real steps, and its parameters are compared with AdamW's for every k. What it does in a step is
/// timed by the clock of a machine that is made up: an update takes a second on the host and a tenth on the device, the
/// state of a subgroup (12 bytes a parameter) as long as said in the table on the link, either way, and 16-bit
/// parameters that were updated on the host a sixth of that. Seeds vary all of it by a tenth. Without the method all
/// subgroups are updated on the host.
public final class InterleavedOffloading implements Study {

    private static final int SUBGROUPS = 60;
    private static final int SIZE = 8;
    private static final int STRIDES = 16;
    private static final int STEPS = 3;
    private static final double[] LINKS = {0.8, 1.2, 1.8, 2.5};
    private static final Recipe ADAM_W =
            new AdamW(new Constant(0.01), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0.1), false);

    /// A study without settings.
    public InterleavedOffloading() {}

    @Override
    public Claim claim() {
        return Claim.of(
                4,
                "Updating every k-th subgroup of offloaded optimizer state on the device, with k of a performance model,"
                        + " is faster than updates on the host or on the device alone",
                "a made-up machine with four links: the best k is neither 1 nor none, the model's is at most 1 from it;"
                        + " its step at least 1.1 times as fast as either end; parameters of AdamW for every k, bit by"
                        + " bit");
    }

    @Override
    public Findings run(Trial trial) {
        Map<Integer, List<Event>> traces = new TreeMap<>();
        double apart = 0;
        for (long seed : trial.each()) {
            float[] plain = trained(ADAM_W.over(groups(seed)), seed);
            for (int stride : strides()) {
                List<Event> events = new ArrayList<>();
                OffloadedOptimizer.Form form = new OffloadedOptimizer.Form("", SIZE, 0, stride);
                try (OffloadedOptimizer optimizer =
                        new OffloadedOptimizer(ADAM_W, groups(seed), StateFormat.FULL, form, events::add)) {
                    apart = Math.max(apart, difference(plain, trained(optimizer, seed)));
                }
                traces.put(stride, events.subList(0, events.size() / STEPS));
            }
            trial.say("seed " + seed);
        }
        Findings.Builder findings = Findings.table(
                "link, seconds", "best k", "k of the model", "host alone / chosen", "device alone / chosen");
        List<Series> lines = new ArrayList<>();
        double farthest = 0;
        double gain = Double.POSITIVE_INFINITY;
        double interior = Double.POSITIVE_INFINITY;
        for (double link : LINKS) {
            for (long seed : trial.each()) {
                OffloadClock clock = clock(link, seed);
                Map<Integer, Double> seconds = new TreeMap<>();
                traces.forEach((stride, events) -> seconds.put(stride, clock.seconds(events)));
                int best = seconds.entrySet().stream()
                        .min(Map.Entry.comparingByValue())
                        .orElseThrow()
                        .getKey();
                int chosen = trial.method() ? clock.model().stride(SUBGROUPS) : SUBGROUPS + 1;
                double onHost = seconds.get(SUBGROUPS + 1) / seconds.get(chosen);
                double onDevice = seconds.get(1) / seconds.get(chosen);
                findings.row(link + ", seed " + seed, best, chosen, onHost, onDevice);
                farthest = Math.max(farthest, Math.abs(best - chosen));
                gain = Math.min(gain, Math.min(onHost, onDevice));
                interior = Math.min(interior, Math.min(best - 1, SUBGROUPS + 1 - best));
                if (seed == 1) {
                    lines.add(line(link, seconds));
                }
            }
        }
        return findings.atLeast("k between the best one and the ends, least", interior, 1)
                .atMost("the model's k from the best one, farthest", farthest, 1)
                .atLeast("time of either end beside the model's k, least", gain, 1.1)
                .atMost("difference of parameters from AdamW's, any k", apart, 0)
                .chart(new Chart("Time of a step", "k", Chart.Scale.LINEAR, false, lines))
                .build();
    }

    private static int[] strides() {
        return IntStream.concat(IntStream.rangeClosed(1, STRIDES), IntStream.of(SUBGROUPS + 1))
                .toArray();
    }

    private static OffloadClock clock(double link, long seed) {
        double[] vary = new RandomStream(seed)
                .split("rates")
                .uniform(DType.FLOAT64, 3)
                .mul(0.2)
                .add(0.9)
                .toDoubleArray();
        double copy = link * vary[2];
        return new OffloadClock(0.1 * vary[0], vary[1], copy, copy / 6);
    }

    private static List<ParameterGroup> groups(long seed) {
        SequencedMap<String, Parameter> parameters = new LinkedHashMap<>();
        for (int i = 0; i < SUBGROUPS; i++) {
            parameters.put(
                    "p" + i, new Parameter(new RandomStream(seed).split(i).normal(DType.FLOAT32, SIZE)));
        }
        return List.of(new ParameterGroup(parameters, 1, 1));
    }

    private static float[] trained(Optimizer optimizer, long seed) {
        SequencedMap<String, Parameter> parameters =
                optimizer.groups().getFirst().parameters();
        for (int step = 0; step < STEPS; step++) {
            RandomStream random = new RandomStream(seed).split("gradients").split(step);
            parameters.forEach((path, parameter) -> {
                parameter.clearGradient();
                parameter.own().setGradient(random.split(path).normal(DType.FLOAT32, SIZE));
            });
            optimizer.step();
        }
        float[] all = new float[SUBGROUPS * SIZE];
        int at = 0;
        for (Parameter parameter : parameters.values()) {
            System.arraycopy(parameter.own().toFloatArray(), 0, all, at, SIZE);
            at += SIZE;
        }
        return all;
    }

    private static double difference(float[] a, float[] b) {
        return Tensor.of(a, a.length).sub(Tensor.of(b, b.length)).abs().max().item();
    }

    private static Series line(double link, Map<Integer, Double> seconds) {
        return new Series(
                "link " + link,
                IntStream.rangeClosed(1, STRIDES).asDoubleStream().toArray(),
                IntStream.rangeClosed(1, STRIDES).mapToDouble(seconds::get).toArray(),
                Series.Style.MARKED);
    }
}
