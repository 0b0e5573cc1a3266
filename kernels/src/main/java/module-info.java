/// The backend contract and its CPU implementation: plain functions over memory, no tensors, no gradients.
module org.lehr.kernels {
    requires java.management;
    requires transitive jdk.incubator.vector;
    requires jdk.management;

    exports org.lehr.kernels;
    exports org.lehr.kernels.convert;
    exports org.lehr.kernels.fusion;
    exports org.lehr.kernels.lanes;
    exports org.lehr.kernels.memory;
    exports org.lehr.kernels.parallel;
    exports org.lehr.kernels.pointwise;

    provides org.lehr.kernels.Backend with
            org.lehr.kernels.cpu.CpuBackend;
}
