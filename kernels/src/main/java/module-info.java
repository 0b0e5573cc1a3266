/// The backend contract and its CPU implementation: plain functions over memory, no tensors, no gradients.
module org.lehr.kernels {
    requires jdk.incubator.vector;

    exports org.lehr.kernels;
    exports org.lehr.kernels.memory;
}
