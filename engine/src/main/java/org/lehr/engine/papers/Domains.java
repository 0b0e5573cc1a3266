package org.lehr.engine.papers;

import java.util.ArrayList;
import java.util.List;
import org.lehr.engine.tensor.RandomStream;

/// Texts of several languages, for models that go on learning when the language changes.
public final class Domains {

    /// How many places a batch has.
    public static final int BATCH = 64;

    private static final int WIDTH = 64;

    private final RandomStream random;
    private final List<Text> texts = new ArrayList<>();
    private final List<Examples> fresh = new ArrayList<>();

    /// @param shift the share of the statistics that each language but the first has by itself: see
    ///     [Language#shifted]
    public Domains(RandomStream random, int count, double shift) {
        this.random = random;
        Language first = Language.of(random.split("language"));
        for (int i = 0; i < count; i++) {
            RandomStream own = random.split(i);
            Language language = i == 0 ? first : first.shifted(own.split("language"), shift);
            texts.add(language.text(own.split("text"), 200_000));
            fresh.add(language.text(own.split("fresh"), 4096).all());
        }
    }

    /// What a model has not seen of a language.
    public Examples fresh(int domain) {
        return fresh.get(domain);
    }

    /// A batch of a step, of which a share is of the languages before this one.
    public Examples batch(long step, int domain, double replay) {
        RandomStream places = random.split("places").split(step);
        int old = domain == 0 ? 0 : (int) Math.round(BATCH * replay);
        Examples batch = texts.get(domain).some(places, BATCH - old);
        for (int i = 0; i < domain && old > 0; i++) {
            int count = old * (i + 1) / domain - old * i / domain;
            batch = count == 0 ? batch : batch.and(texts.get(i).some(places.split(i), count));
        }
        return batch;
    }

    /// A model that learns one language after the other.
    ///
    /// @param steps of each
    public Pretraining begin(long steps, double replay) {
        return new Pretraining(
                Text.model(WIDTH, random.split("model")),
                step -> batch(step, (int) Math.min(step / steps, texts.size() - 1), replay));
    }

    /// A model that learns the last language and those before it at once, as much of each.
    public Pretraining together() {
        int last = texts.size() - 1;
        return new Pretraining(
                Text.model(WIDTH, random.split("model")), step -> batch(step, last, last / (last + 1.0)));
    }

    /// A model that learns the language `domain` alone.
    public Pretraining alone(int domain) {
        return new Pretraining(Text.model(WIDTH, random.split("model")), step -> batch(step, domain, 0));
    }

    /// The mean of the losses on all languages.
    public double meanLoss(Pretraining run) {
        return fresh.stream().mapToDouble(run::lossOf).average().orElseThrow();
    }
}
