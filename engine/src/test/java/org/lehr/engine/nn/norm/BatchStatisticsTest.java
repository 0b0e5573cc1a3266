package org.lehr.engine.nn.norm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.lehr.engine.nn.Dropout;
import org.lehr.engine.nn.Layer;
import org.lehr.engine.nn.Linear;
import org.lehr.engine.nn.Sequential;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

class BatchStatisticsTest {

    private final RandomStream random = new RandomStream(1);
    private final BatchNorm norm = new BatchNorm(3);
    private final Layer model =
            new Sequential(new Dropout(0.5, random.split("d")), new Linear(4, 3, true, random.split("l")), norm);
    private final Tensor x = random.normal(DType.FLOAT32, 30, 4).add(2);

    @Test
    void statisticsAreThoseOfAllBatchesTogether() {
        model.apply(x);
        BatchStatistics.refresh(model, () -> {
            for (int batch = 0; batch < 3; batch++) {
                model.apply(x.slice(0, 10 * batch, 10 * batch + 10));
            }
        });
        assertTrue(model.isTraining() && norm.isTraining());
        // Without dropout: what the linear map makes of the data.
        Tensor y = ((Layer) model.modules().get("1")).apply(x).detach();
        assertArrayEquals(y.mean(0).toFloatArray(), norm.runningMean().toFloatArray(), 1e-5f);
        double[] within = new double[3];
        for (int batch = 0; batch < 3; batch++) {
            Tensor part = y.slice(0, 10 * batch, 10 * batch + 10);
            double[] variance =
                    part.sub(part.mean(true, 0)).square().sum(0).mul(1.0 / 9).toDoubleArray();
            for (int i = 0; i < 3; i++) {
                within[i] += variance[i] / 3;
            }
        }
        assertArrayEquals(within, norm.runningVariance().toDoubleArray(), 1e-5);
        // Afterwards averages run again.
        float before = norm.runningMean().toFloatArray()[0];
        norm.apply(Tensor.full(before + 10, x.device(), DType.FLOAT32, 5, 3));
        assertEquals(before + 1, norm.runningMean().toFloatArray()[0], 1e-4f);
    }

    @Test
    void aPassThatReachesNothingIsTold() {
        model.train(false);
        String message = assertThrows(IllegalStateException.class, () -> BatchStatistics.refresh(model, () -> {}))
                .getMessage();
        assertTrue(message.contains("did not reach 2"), message);
        assertTrue(!model.isTraining() && !norm.isTraining());
        Layer plain = new Linear(4, 3, true, random);
        BatchStatistics.refresh(plain, () -> {
            throw new AssertionError("nothing to measure");
        });
    }
}
