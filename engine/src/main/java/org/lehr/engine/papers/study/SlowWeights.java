package org.lehr.engine.papers.study;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.lehr.engine.nn.Initializer;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.nn.head.CosineLinear;
import org.lehr.engine.nn.peft.Attachment;
import org.lehr.engine.optim.Recipe;
import org.lehr.engine.optim.average.Soup;
import org.lehr.engine.optim.recipe.Adam;
import org.lehr.engine.optim.wrapper.Ema;
import org.lehr.engine.papers.Examples;
import org.lehr.engine.papers.Findings;
import org.lehr.engine.papers.Learner;
import org.lehr.engine.papers.Perceptron;
import org.lehr.engine.papers.Sample;
import org.lehr.engine.papers.Study;
import org.lehr.engine.papers.Trial;
import org.lehr.engine.schedule.Constant;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.engine.tensor.op.Embedding;
import org.lehr.kernels.DType;

/// Stojanovski et al. 2022: a model that knows classes it was never taught forgets when it learns one task after the
/// other; slow weights, which follow those of training from afar and through all tasks, do not.
///
/// Every class has a name, a point among concepts, and pictures made of points near it. An encoder learns to find the
/// names of sixty classes by cosine, and knows twenty others by their names alone; of these it gets pictures of a
/// changed kind, four classes at a time, with and without a few old ones. Beside the fast weights: their mean with
/// those before the first task (WiSE-FT), and all tasks at once. The average reaches back over half of all steps. How
/// it stands to the weights before the first task is in the table and decides nothing: without old examples and after
/// long tasks it is the less accurate one.
public final class SlowWeights implements Study {

    private static final int CONCEPTS = 12;
    private static final int PIXELS = 24;
    private static final int BROAD = 60;
    private static final int CLASSES = 20;
    private static final int TASKS = 5;
    private static final int BATCH = 32;
    private static final int REPLAYED = 8;
    private static final double SHIFT = 0.5;
    private static final double NOISE = 0.8;
    private static final Recipe ADAM =
            new Adam(new Constant(1e-3), new Constant(0.9), new Constant(0.999), 1e-8, new Constant(0), false);

    /// A study without settings.
    public SlowWeights() {}

    @Override
    public Claim claim() {
        return Claim.of(
                273,
                "An exponential average of the weights through all tasks is more accurate than the weights that learned"
                        + " the last task, with and without old examples",
                "mean accuracy on all five tasks after the last: at least 0.03 above the fast weights, both with and"
                        + " without old examples; a decay of 0 gives the fast weights, one of 1 those before the first task, to"
                        + " the bit");
    }

    @Override
    public Findings run(Trial trial) {
        List<Sample> of = trial.samples(seed -> new World(new RandomStream(seed)).figures(trial));
        return Findings.table("weights", "accuracy", "accuracy with old examples")
                .row("before the first task", of.get(0), of.get(0))
                .row("fast", of.get(1), of.get(4))
                .row("mean of fast and first", of.get(2), of.get(5))
                .row("slow", of.get(3), of.get(7))
                .row("all tasks at once", of.get(6), of.get(6))
                .atLeast(
                        "accuracy above fast weights",
                        of.get(3).minus(of.get(1)).mean(),
                        0.03)
                .atLeast(
                        "the same with old examples", of.get(7).minus(of.get(4)).mean(), 0.03)
                .atMost(
                        "values that differ from what decays of 0 and 1 should give",
                        of.get(8).max(),
                        0)
                .build();
    }

    /// Names, how pictures are made, and a model that knows them.
    private static final class World {

        private final RandomStream random;
        private final Tensor names;
        private final Tensor first;
        private final Tensor changed;
        private final List<Examples> learnt;
        private final List<Examples> buffers;
        private final Examples fresh;

        World(RandomStream random) {
            this.random = random;
            names = random.split("names").normal(DType.FLOAT32, BROAD + CLASSES, CONCEPTS);
            first = random.split("pictures").normal(DType.FLOAT32, CONCEPTS, PIXELS);
            changed = first.add(random.split("changed")
                    .normal(DType.FLOAT32, CONCEPTS, PIXELS)
                    .mul(SHIFT));
            learnt = tasks("learn", 400);
            fresh = together(tasks("fresh", 200));
            List<Examples> kept = tasks("kept", 10);
            buffers = IntStream.range(1, TASKS)
                    .mapToObj(task -> together(kept.subList(0, task)))
                    .toList();
        }

        private List<Examples> tasks(String use, int count) {
            return IntStream.range(0, TASKS)
                    .mapToObj(task -> task(task, use, count))
                    .toList();
        }

        private static Examples together(List<Examples> tasks) {
            return tasks.stream().reduce(Examples::and).orElseThrow();
        }

        private Examples pictures(RandomStream random, int count, int from, int classes, Tensor kind) {
            Tensor labels = random.split("labels").integers(classes, count);
            Tensor names = this.names.slice(0, from, from + classes);
            Tensor near = Embedding.embedding(names, labels)
                    .add(random.split("near")
                            .normal(DType.FLOAT32, count, CONCEPTS)
                            .mul(NOISE));
            return new Examples(near.matmul(kind).mul(0.3).tanh(), labels);
        }

        /// Pictures of the classes of a task, labelled among all.
        private Examples task(int task, String use, int count) {
            int each = CLASSES / TASKS;
            Examples alone = pictures(random.split(use).split(task), count, BROAD + task * each, each, changed);
            return new Examples(alone.x(), alone.labels().add(Tensor.of(new long[] {(long) task * each})));
        }

        /// An encoder that compares with names, which stay.
        private Layer model(int from, int classes) {
            Layer encoder = new Perceptron(PIXELS, 64, 2, CONCEPTS)
                    .make(Initializer.fanInUniform(), Tensor::relu, random.split("encoder"));
            CosineLinear head = new CosineLinear(CONCEPTS, classes, 10, random);
            head.parameters().get("weight").set(names.slice(0, from, from + classes));
            Attachment.freeze(head, true);
            return new Sequential(encoder, head);
        }

        /// Accuracies: first; fast, mean and slow without old examples; fast and mean with them; all at once;
        /// slow
        /// with old examples. Then how many values differ from what decays of 0 and 1 should give.
        double[] figures(Trial trial) {
            Layer model = knowing(trial);
            SequencedMap<String, Tensor> before = copy(model);
            double first = accuracy(model);
            int steps = trial.pick(300, 40);
            double[] without = follow(trial, model, before, steps, false);
            double[] with = follow(trial, model, before, steps, true);
            model.load(before);
            new Learner(model, together(learnt), BATCH, ADAM, random.split("all")).learn(TASKS * steps);
            double atOnce = accuracy(model);
            return new double[] {
                first,
                without[0],
                without[1],
                without[2],
                with[0],
                with[1],
                atOnce,
                with[2],
                trial.method() ? ends(model, before) : 0
            };
        }

        /// A model of the names to come whose encoder has learned those of other classes.
        private Layer knowing(Trial trial) {
            Layer broad = model(0, BROAD);
            Examples examples = pictures(random.split("broad"), 6000, 0, BROAD, first);
            new Learner(broad, examples, 64, ADAM, random.split("order")).learn(trial.pick(1500, 300));
            Layer model = model(BROAD, CLASSES);
            model.load(encoder(broad.state(), model.state()));
            return model;
        }

        /// The encoder of one model with the head of another.
        private static SequencedMap<String, Tensor> encoder(
                SequencedMap<String, Tensor> of, SequencedMap<String, Tensor> head) {
            of.replaceAll((path, value) -> path.startsWith("0.") ? value : head.get(path));
            return of;
        }

        private double[] follow(Trial trial, Layer model, Map<String, Tensor> before, int steps, boolean replay) {
            model.load(before);
            double decay = 1 - 2.0 / (TASKS * steps);
            Recipe recipe = trial.method() ? new Ema(new Constant(decay), false).around(ADAM) : ADAM;
            Learner learner = new Learner(model, step -> batch(step, steps, replay), recipe);
            learner.learn(TASKS * steps);
            double fast = accuracy(model);
            double slow = learner.trainer().optimizer().evaluating(() -> accuracy(model));
            model.load(Soup.interpolated(before, model.state(), 0.5));
            return new double[] {fast, accuracy(model), slow};
        }

        private Examples batch(long step, int steps, boolean replay) {
            int task = (int) (step / steps);
            RandomStream draws = random.split("draws").split(step);
            int old = replay && task > 0 ? REPLAYED : 0;
            Examples fresh = learnt.get(task).draw(BATCH - old, draws);
            return old == 0 ? fresh : fresh.and(buffers.get(task - 1).draw(old, draws.split("old")));
        }

        /// How many values the average has after some steps that are not those of training (decay 0), or not
        /// those of
        /// before (decay 1).
        private double ends(Layer model, Map<String, Tensor> before) {
            int differ = 0;
            for (double decay : new double[] {0, 1}) {
                model.load(before);
                Recipe recipe = new Ema(new Constant(decay), false).around(ADAM);
                Learner learner = new Learner(model, step -> batch(step, 20, false), recipe);
                learner.learn(20);
                Map<String, Tensor> wanted = decay == 0 ? copy(model) : before;
                differ += learner.trainer().optimizer().evaluating(() -> differing(model.state(), wanted));
            }
            return differ;
        }

        private static int differing(Map<String, Tensor> found, Map<String, Tensor> wanted) {
            int differ = 0;
            for (String path : found.keySet()) {
                float[] a = found.get(path).toFloatArray();
                float[] b = wanted.get(path).toFloatArray();
                for (int i = 0; i < a.length; i++) {
                    differ += a[i] == b[i] ? 0 : 1;
                }
            }
            return differ;
        }

        private static SequencedMap<String, Tensor> copy(Layer model) {
            return Soup.uniform(List.of(model.state()));
        }

        private double accuracy(Layer model) {
            return fresh.accuracy(model);
        }
    }
}
