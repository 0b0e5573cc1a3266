package org.lehr.peers.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import java.io.IOException;
import org.lehr.peers.Engine;
import org.lehr.peers.PeerProgram;

/// The Deep Java Library on its PyTorch engine.
public final class Djl implements Engine {

    private final NDManager manager = NDManager.newBaseManager();

    private Djl() {}

    public static void main(String[] arguments) throws IOException {
        PeerProgram.serve(new Djl());
    }

    @Override
    public Call product(int size, float[] left, float[] right) {
        NDArray a = manager.create(left, new Shape(size, size));
        NDArray b = manager.create(right, new Shape(size, size));
        return new Call() {
            @Override
            public void run() {
                a.matMul(b).close();
            }

            @Override
            public double value() {
                try (NDArray c = a.matMul(b)) {
                    return c.getFloat(0, 0);
                }
            }
        };
    }

    @Override
    public Call classifier(int[] widths, float[] pixels, int[] labels, float[][] weights, float rate) {
        NDArray x = manager.create(pixels, new Shape(labels.length, widths[0]));
        NDArray y = manager.create(labels);
        NDArray[] w = new NDArray[weights.length];
        NDArray[] b = new NDArray[weights.length];
        for (int i = 0; i < w.length; i++) {
            w[i] = manager.create(weights[i], new Shape(widths[i], widths[i + 1]));
            b[i] = manager.zeros(new Shape(widths[i + 1]));
            w[i].setRequiresGradient(true);
            b[i].setRequiresGradient(true);
        }
        Loss loss = Loss.softmaxCrossEntropyLoss();
        return new Call() {
            private double value;

            @Override
            public void run() {
                try (NDManager step = manager.newSubManager();
                        GradientCollector collector =
                                ai.djl.engine.Engine.getInstance().newGradientCollector()) {
                    NDArray h = x.duplicate();
                    h.attach(step);
                    for (int i = 0; i < w.length; i++) {
                        h = h.matMul(w[i]).add(b[i]);
                        if (i < w.length - 1) {
                            h = h.getNDArrayInternal().relu();
                        }
                    }
                    NDArray mean = loss.evaluate(new NDList(y), new NDList(h));
                    collector.backward(mean);
                    value = mean.getFloat();
                    for (int i = 0; i < w.length; i++) {
                        update(step, w[i]);
                        update(step, b[i]);
                    }
                }
            }

            private void update(NDManager step, NDArray parameter) {
                NDArray gradient = parameter.getGradient();
                gradient.attach(step);
                NDArray change = gradient.mul(rate);
                parameter.setRequiresGradient(false);
                parameter.subi(change);
                parameter.setRequiresGradient(true);
            }

            @Override
            public double value() {
                return value;
            }
        };
    }
}
