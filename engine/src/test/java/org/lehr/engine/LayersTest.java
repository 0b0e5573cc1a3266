package org.lehr.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.Architectures;
import org.junit.jupiter.api.Test;

/// What may know what: the order of the layers, freedom from cycles, and a few habits.
class LayersTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.lehr.engine");

    @Test
    void enoughWasAnalysed() {
        assertTrue(CLASSES.size() > 150, "only " + CLASSES.size() + " classes were found");
    }

    @Test
    void layersDependDownwardsOnly() {
        Architectures.layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("cli")
                .definedBy("..engine.cli..")
                .layer("papers")
                .definedBy("..engine.papers..")
                .layer("train")
                .definedBy("..engine.train..")
                .layer("generate")
                .definedBy("..engine.generate..")
                .layer("data")
                .definedBy("..engine.data..")
                .layer("distributed")
                .definedBy("..engine.distributed..")
                .layer("optim")
                .definedBy("..engine.optim..")
                .layer("schedule")
                .definedBy("..engine.schedule..")
                .layer("analysis")
                .definedBy("..engine.analysis..")
                .layer("nn")
                .definedBy("..engine.nn..")
                .layer("autograd")
                .definedBy("..engine.autograd..")
                .layer("tensor")
                .definedBy("..engine.tensor..")
                .layer("io")
                .definedBy("..engine.io..")
                .whereLayer("cli")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("papers")
                .mayOnlyBeAccessedByLayers("cli")
                .whereLayer("train")
                .mayOnlyBeAccessedByLayers("cli", "papers")
                .whereLayer("generate")
                .mayOnlyBeAccessedByLayers("cli", "papers", "train")
                .whereLayer("data")
                .mayOnlyBeAccessedByLayers("cli", "papers", "train", "generate")
                .whereLayer("distributed")
                .mayOnlyBeAccessedByLayers("cli", "papers", "train")
                .whereLayer("optim")
                .mayOnlyBeAccessedByLayers("cli", "papers", "train", "distributed")
                .whereLayer("schedule")
                .mayOnlyBeAccessedByLayers("cli", "papers", "train", "optim", "distributed")
                .whereLayer("analysis")
                .mayOnlyBeAccessedByLayers("cli", "papers", "train")
                .whereLayer("nn")
                .mayOnlyBeAccessedByLayers("analysis", "cli", "papers", "train", "generate", "optim", "distributed")
                .whereLayer("autograd")
                .mayOnlyBeAccessedByLayers(
                        "analysis", "cli", "papers", "train", "generate", "optim", "nn", "distributed")
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycles() {
        slices().matching("org.lehr.engine.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void onlyTheCommandLinePrints() {
        noClasses()
                .that()
                .resideOutsideOfPackage("..engine.cli..")
                .should(ACCESS_STANDARD_STREAMS)
                .check(CLASSES);
    }

    @Test
    void vectorsAndNativeCodeStayInKernels() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jdk.incubator.vector..", "jcuda..")
                .check(CLASSES);
    }

    @Test
    void publicClassesAreFinalOrMeantToBeExtended() {
        classes()
                .that()
                .arePublic()
                .and()
                .areNotInterfaces()
                .should(beFinalOrAbstract())
                .check(CLASSES);
    }

    private static ArchCondition<JavaClass> beFinalOrAbstract() {
        return new ArchCondition<>("be final, abstract or an enum with bodies") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                boolean good = type.getModifiers().contains(JavaModifier.FINAL)
                        || type.getModifiers().contains(JavaModifier.ABSTRACT)
                        || type.isEnum();
                events.add(new SimpleConditionEvent(type, good, type.getName() + " can be extended by accident"));
            }
        };
    }
}
