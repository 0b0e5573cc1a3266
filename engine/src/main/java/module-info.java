/// Tensors, autograd, layers, and the suites above them; the command line.
module org.lehr.engine {
    requires transitive org.lehr.kernels;
    requires com.fasterxml.jackson.databind;
    requires commons.math3;
    requires info.picocli;
    requires java.desktop;
    requires java.management;
    requires jdk.jfr;
    requires xchart;

    exports org.lehr.engine.analysis;
    exports org.lehr.engine.autograd;
    exports org.lehr.engine.data;
    exports org.lehr.engine.data.task;
    exports org.lehr.engine.data.tokenizer;
    exports org.lehr.engine.distributed;
    exports org.lehr.engine.distributed.placement;
    exports org.lehr.engine.distributed.policy;
    exports org.lehr.engine.distributed.simulate;
    exports org.lehr.engine.distributed.sparse;
    exports org.lehr.engine.distributed.telemetry;
    exports org.lehr.engine.generate;
    exports org.lehr.engine.io;
    exports org.lehr.engine.nn.attention;
    exports org.lehr.engine.nn.elastic;
    exports org.lehr.engine.nn.exit;
    exports org.lehr.engine.nn.head;
    exports org.lehr.engine.nn.hybrid;
    exports org.lehr.engine.nn.kan;
    exports org.lehr.engine.nn.moe;
    exports org.lehr.engine.nn.norm;
    exports org.lehr.engine.nn.peft;
    exports org.lehr.engine.nn.pool;
    exports org.lehr.engine.nn.quant;
    exports org.lehr.engine.nn.recurrent;
    exports org.lehr.engine.nn.scaling;
    exports org.lehr.engine.nn.ssm;
    exports org.lehr.engine.nn.preset;
    exports org.lehr.engine.nn.transformer;
    exports org.lehr.engine.nn.vision;
    exports org.lehr.engine.nn;
    exports org.lehr.engine.optim;
    exports org.lehr.engine.optim.average;
    exports org.lehr.engine.optim.offload;
    exports org.lehr.engine.optim.recipe;
    exports org.lehr.engine.optim.transform;
    exports org.lehr.engine.optim.wrapper;
    exports org.lehr.engine.papers;
    exports org.lehr.engine.papers.study;
    exports org.lehr.engine.schedule;
    exports org.lehr.engine.schedule.control;
    exports org.lehr.engine.schedule.cycle;
    exports org.lehr.engine.schedule.plan;
    exports org.lehr.engine.schedule.predict;
    exports org.lehr.engine.tensor;
    exports org.lehr.engine.tensor.op;
    exports org.lehr.engine.train;
    exports org.lehr.engine.train.run;
    exports org.lehr.engine.train.task;

    opens org.lehr.engine.cli to
            info.picocli;
    opens org.lehr.engine.train to
            com.fasterxml.jackson.databind;

    uses org.lehr.kernels.Backend;
    uses org.lehr.engine.tensor.Differentiator;

    provides org.lehr.engine.tensor.Differentiator with
            org.lehr.engine.autograd.Tape;
}
