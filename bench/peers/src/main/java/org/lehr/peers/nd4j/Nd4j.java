package org.lehr.peers.nd4j;

import java.io.IOException;
import java.util.Map;
import org.lehr.peers.Engine;
import org.lehr.peers.PeerProgram;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/// ND4J, with SameDiff for gradients.
public final class Nd4j implements Engine {

    private Nd4j() {}

    public static void main(String[] arguments) throws IOException {
        PeerProgram.serve(new Nd4j());
    }

    @Override
    public Call product(int size, float[] left, float[] right) {
        INDArray a = org.nd4j.linalg.factory.Nd4j.createFromArray(left).reshape(size, size);
        INDArray b = org.nd4j.linalg.factory.Nd4j.createFromArray(right).reshape(size, size);
        return new Call() {
            private INDArray c;

            @Override
            public void run() {
                c = a.mmul(b);
            }

            @Override
            public double value() {
                return c.getDouble(0, 0);
            }
        };
    }

    @Override
    public Call classifier(int[] widths, float[] pixels, int[] labels, float[][] weights, float rate) {
        int classes = widths[widths.length - 1];
        float[] hot = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            hot[i * classes + labels[i]] = 1;
        }
        SameDiff graph = SameDiff.create();
        SDVariable h = graph.placeHolder("x", DataType.FLOAT, labels.length, widths[0]);
        SDVariable y = graph.placeHolder("y", DataType.FLOAT, labels.length, classes);
        String[] names = new String[2 * weights.length];
        for (int i = 0; i < weights.length; i++) {
            names[2 * i] = "w" + i;
            names[2 * i + 1] = "b" + i;
            SDVariable w = graph.var(
                    names[2 * i],
                    org.nd4j.linalg.factory.Nd4j.createFromArray(weights[i]).reshape(widths[i], widths[i + 1]));
            SDVariable b =
                    graph.var(names[2 * i + 1], org.nd4j.linalg.factory.Nd4j.zeros(DataType.FLOAT, widths[i + 1]));
            h = h.mmul(w).add(b);
            if (i < weights.length - 1) {
                h = graph.nn().relu(h, 0);
            }
        }
        graph.loss().softmaxCrossEntropy("loss", y, h, null);
        graph.setLossVariables("loss");
        Map<String, INDArray> batch = Map.of(
                "x",
                org.nd4j.linalg.factory.Nd4j.createFromArray(pixels).reshape(labels.length, widths[0]),
                "y",
                org.nd4j.linalg.factory.Nd4j.createFromArray(hot).reshape(labels.length, classes));
        double first = graph.output(batch, "loss").get("loss").getDouble(0);
        return new Call() {
            @Override
            public void run() {
                Map<String, INDArray> gradients = graph.calculateGradients(batch, names);
                for (String name : names) {
                    graph.getVariable(name).getArr().subi(gradients.get(name).mul(rate));
                }
            }

            @Override
            public double value() {
                return first;
            }
        };
    }
}
