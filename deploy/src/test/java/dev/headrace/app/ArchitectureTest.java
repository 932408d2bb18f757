package dev.headrace.app;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The walls of docs/architecture.md: dependencies point one way, and pure logic stays free of
 * sockets.
 */
@AnalyzeClasses(packages = "dev.headrace", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

  @ArchTest
  static final ArchRule theWorkerAdapterKnowsNothingAboveIt =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.worker..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.headrace.router..", "dev.headrace.loadtest..", "dev.headrace.app..");

  @ArchTest
  static final ArchRule theRouterKnowsNothingAboveIt =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.router..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.headrace.loadtest..", "dev.headrace.app..");

  @ArchTest
  static final ArchRule theLoadTestKnowsNoCommandLine =
      noClasses()
          .that()
          .resideInAPackage("dev.headrace.loadtest..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.headrace.app..", "picocli..");

  @ArchTest
  static final ArchRule pureLogicIsFreeOfSockets =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.headrace.router.balance..",
              "dev.headrace.router.admission..",
              "dev.headrace.router.limit..",
              "dev.headrace.router.scan..",
              "dev.headrace.router.sse..",
              "dev.headrace.worker.engine..",
              "dev.headrace.worker.load..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.netty..", "io.vertx.core.http..", "io.vertx.core.net..", "io.vertx.ext.web..");

  @ArchTest
  static final ArchRule balanceAndAdmissionAreFreeOfVertx =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.headrace.router.balance..",
              "dev.headrace.router.admission..",
              "dev.headrace.router.limit..",
              "dev.headrace.router.scan..",
              "dev.headrace.router.sse..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.vertx..", "io.netty..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule thePackagesOfTheRouterHaveNoCycles =
      slices().matching("dev.headrace.router.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule thePackagesOfTheWorkerAdapterHaveNoCycles =
      slices().matching("dev.headrace.worker.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule namesSayTheRole =
      classes()
          .that()
          .resideInAPackage("dev.headrace..")
          .should()
          .haveNameNotMatching(".*\\.(Abstract[A-Z]\\w*|\\w*(Manager|Utils?|Helpers?|Impl))$");
}
