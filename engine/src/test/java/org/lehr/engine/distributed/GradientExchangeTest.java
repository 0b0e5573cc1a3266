package org.lehr.engine.distributed;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.lehr.engine.autograd.Autograd;
import org.lehr.engine.nn.Parameter;
import org.lehr.engine.tensor.Device;
import org.lehr.engine.tensor.RandomStream;
import org.lehr.engine.tensor.Tensor;
import org.lehr.kernels.DType;

@Timeout(60)
final class GradientExchangeTest {

    private static Tensor numbers(long seed, long size) {
        return new RandomStream(seed).normal(DType.FLOAT32, size);
    }

    @Test
    void gradientsBecomeTheirMeansInTheOrderOfRanks() {
        LocalGroup.of(3).run(ranks -> {
            Parameter all = new Parameter(numbers(1, 100));
            Parameter some = new Parameter(numbers(2, 10));
            Parameter none = new Parameter(numbers(3, 10));
            Parameter wide = new Parameter(new RandomStream(4).normal(DType.FLOAT64, 5, 2));
            all.own().setGradient(numbers(10 + ranks.rank(), 100));
            if (ranks.rank() == 1) {
                some.own().setGradient(numbers(20, 10));
            }
            wide.own()
                    .setGradient(Tensor.of(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 5, 2)
                            .mul(ranks.rank()));
            new GradientExchange(ranks, List.of(all, some, none, wide)).finish();
            Tensor sum = numbers(10, 100).add(numbers(11, 100)).add(numbers(12, 100));
            assertArrayEquals(sum.mul(1.0 / 3).toFloatArray(), all.gradient().toFloatArray());
            assertArrayEquals(
                    numbers(20, 10).mul(1.0 / 3).toFloatArray(), some.gradient().toFloatArray());
            assertNull(none.gradient());
            for (int i = 0; i < 10; i++) {
                assertEquals(i, wide.gradient().toDoubleArray()[i], 1e-12);
            }
            return null;
        });
    }

    @Test
    void bucketsTravelDuringTheBackwardPass() {
        LocalGroup.of(2).run(ranks -> {
            AtomicInteger begun = new AtomicInteger();
            Communicator counted = (Communicator) Proxy.newProxyInstance(
                    Communicator.class.getClassLoader(),
                    new Class<?>[] {Communicator.class},
                    (_, method, arguments) -> {
                        begun.addAndGet(method.getName().equals("allReduce") ? 1 : 0);
                        return method.invoke(ranks, arguments);
                    });
            Parameter first = new Parameter(Tensor.full(3, Device.cpu(), DType.FLOAT32, 2_100_000));
            Parameter second = new Parameter(Tensor.full(5, Device.cpu(), DType.FLOAT32, 2_100_000));
            GradientExchange exchange = new GradientExchange(counted, List.of(first, second));
            int[] seen = new int[2];
            int[] told = new int[1];
            Tensor loss =
                    first.value().mul(second.value()).mul(2).add(second.value()).sum();
            Autograd.backward(loss, leaf -> {
                exchange.accept(leaf);
                seen[told[0]++] = begun.get();
            });
            assertEquals(2, told[0]);
            assertTrue(seen[1] == 2 && begun.get() == 2, "buckets wait for the end of the backward pass");
            exchange.finish();
            assertEquals(3, begun.get());
            assertEquals(10, first.gradient().min().item());
            assertEquals(10, first.gradient().max().item());
            assertEquals(7, second.gradient().max().item());
            return null;
        });
    }
}
