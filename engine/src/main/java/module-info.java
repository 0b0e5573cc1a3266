/// Tensors, autograd, layers, and the suites above them; the command line.
module org.lehr.engine {
    requires transitive org.lehr.kernels;
    requires org.slf4j;
    requires com.fasterxml.jackson.databind;
    requires info.picocli;

    exports org.lehr.engine.autograd;
    exports org.lehr.engine.tensor;
    exports org.lehr.engine.tensor.op;

    uses org.lehr.kernels.Backend;
    uses org.lehr.engine.tensor.Differentiator;

    provides org.lehr.engine.tensor.Differentiator with
            org.lehr.engine.autograd.Tape;
}
