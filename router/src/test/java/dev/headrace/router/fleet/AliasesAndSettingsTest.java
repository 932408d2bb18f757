package dev.headrace.router.fleet;

import static dev.headrace.router.fleet.FleetRig.ADMISSION;
import static dev.headrace.router.fleet.FleetRig.DEFAULTS;
import static dev.headrace.router.fleet.FleetRig.eventually;
import static dev.headrace.router.fleet.FleetRig.spec;
import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Order;
import dev.headrace.router.config.AdmissionOverrides;
import dev.headrace.router.config.HeadraceConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Settings: defaults, over them the file, over both the operator. A served name is no alias. */
final class AliasesAndSettingsTest {

  private static HeadraceConfig.Model aliases(String... aliases) {
    return new HeadraceConfig.Model(
        List.of(aliases), null, null, null, null, Map.of(), AdmissionOverrides.NONE);
  }

  private static ModelSettingsPatch patch(List<String> aliases) {
    return new ModelSettingsPatch(
        aliases, null, null, null, null, Map.of(), AdmissionOverrides.NONE);
  }

  private static SettingsBook book(
      Map<String, HeadraceConfig.Model> file, Map<String, ModelSettingsPatch> operator) {
    return new SettingsBook(DEFAULTS, ADMISSION, file, operator);
  }

  @Test
  void eachLayerCoversTheOneBelow() {
    SettingsBook book =
        book(
            Map.of(
                "m",
                new HeadraceConfig.Model(
                    List.of("x"),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(2),
                    null,
                    "random",
                    Map.of("a", 2.0, "b", 3.0),
                    new AdmissionOverrides(7, Duration.ofSeconds(8), null))),
            Map.of(
                "m",
                new ModelSettingsPatch(
                    null,
                    Duration.ofSeconds(9),
                    null,
                    null,
                    "session",
                    Map.of("b", 4.0, "c", -1.0),
                    new AdmissionOverrides(9, null, Order.SHORTEST_JOB_FIRST))));
    ModelSettings settings = book.of("m");
    assertThat(settings.aliases()).containsExactly("x");
    assertThat(settings.firstTokenTimeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(settings.idleTimeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(settings.totalTimeout()).isEqualTo(DEFAULTS.totalTimeout());
    assertThat(settings.policy()).isEqualTo("session");
    assertThat(settings.admission())
        .isEqualTo(
            new HeadraceConfig.Admission(9, Duration.ofSeconds(8), Order.SHORTEST_JOB_FIRST));
    assertThat(book.withOperator(Map.of()).of("m").admission())
        .isEqualTo(new HeadraceConfig.Admission(7, Duration.ofSeconds(8), Order.FCFS));
    assertThat(book.of("other").admission()).isEqualTo(ADMISSION);
    assertThat(book.withOperator(Map.of()).of("m").policy()).isEqualTo("random");
    assertThat(book.of("other").policy()).isEqualTo("least-load");
    assertThat(settings.weights()).isEqualTo(Map.of("a", 2.0, "b", 4.0));
    assertThat(book.of("other").idleTimeout()).isEqualTo(DEFAULTS.idleTimeout());
  }

  @Test
  void aServedNameIsNeverAnAlias() {
    SettingsBook.Aliases found =
        book(Map.of("m", aliases("n", "x")), Map.of()).aliases(Set.of("m", "n"));
    assertThat(found.aliases()).isEqualTo(Map.of("x", "m"));
    assertThat(found.complaints()).singleElement().asString().contains("'n'");
  }

  @Test
  void anAliasOfAnAliasLeadsToTheEndAndALoopLeadsNowhere() {
    SettingsBook.Aliases chain =
        book(Map.of("m", aliases("x"), "x", aliases("y")), Map.of()).aliases(Set.of("m"));
    assertThat(chain.aliases()).isEqualTo(Map.of("x", "m", "y", "m"));
    SettingsBook.Aliases loop =
        book(Map.of("x", aliases("y"), "y", aliases("x"), "z", aliases("z")), Map.of())
            .aliases(Set.of());
    assertThat(loop.aliases()).isEmpty();
    assertThat(loop.complaints()).hasSize(3);
  }

  @Test
  void theOperatorsClaimWinsOverTheFiles() {
    SettingsBook.Aliases found =
        book(Map.of("a", aliases("x")), Map.of("b", patch(List.of("x")))).aliases(Set.of("a", "b"));
    assertThat(found.aliases()).isEqualTo(Map.of("x", "b"));
    assertThat(found.complaints()).hasSize(1);
    assertThat(
            book(Map.of("a", aliases("x")), Map.of("a", patch(List.of())))
                .aliases(Set.of("a"))
                .aliases())
        .isEmpty();
  }

  @Property(tries = 300)
  void noAliasEverLeadsToAnAlias(
      @ForAll @Size(max = 12) List<@IntRange(max = 63) Integer> links,
      @ForAll @Size(max = 3) Set<@IntRange(max = 7) Integer> servedNames) {
    Map<String, HeadraceConfig.Model> file = new java.util.HashMap<>();
    for (int link : links) {
      file.merge(
          "n" + link / 8,
          aliases("n" + link % 8),
          (a, b) ->
              aliases(
                  java.util.stream.Stream.concat(a.aliases().stream(), b.aliases().stream())
                      .toArray(String[]::new)));
    }
    Set<String> served =
        servedNames.stream().map(i -> "n" + i).collect(java.util.stream.Collectors.toSet());
    Map<String, String> found = book(file, Map.of()).aliases(served).aliases();
    assertThat(found.keySet()).noneMatch(served::contains);
    assertThat(found.values()).noneMatch(found::containsKey);
  }

  @Test
  void whatOperatorsSetHoldsAtOnceAndWeightsCountInTheModelsPoolAlone() {
    try (FleetRig rig = new FleetRig()) {
      FleetRig.Hand source = new FleetRig.Hand("consul");
      FleetDirectory fleet = rig.started(source);
      source.report(spec("consul", "a", 9001, "m", "n"));
      eventually(() -> assertThat(fleet.current().pools()).hasSize(2));
      fleet.operatorSettings(
          Map.of(
              "m",
              new ModelSettingsPatch(
                  List.of("gpt"),
                  null,
                  null,
                  null,
                  null,
                  Map.of("a", 2.0),
                  AdmissionOverrides.NONE)));
      eventually(() -> assertThat(fleet.current().resolve("gpt")).isNotNull());
      Worker inM = fleet.current().pools().get("m").workers().get(0);
      Worker inN = fleet.current().pools().get("n").workers().get(0);
      assertThat(inM.weight()).isEqualTo(2);
      assertThat(inN.weight()).isEqualTo(1);
      assertThat(inM.ledger()).isSameAs(inN.ledger());
      fleet.operatorSettings(Map.of());
      eventually(() -> assertThat(fleet.current().resolve("gpt")).isNull());
    }
  }

  @Test
  void aReloadedFileChangesTheSettings() {
    try (FleetRig rig = new FleetRig()) {
      FleetRig.Hand source = new FleetRig.Hand("consul");
      FleetDirectory fleet = rig.started(source);
      source.report(spec("consul", "a", 9001, "m"));
      eventually(() -> assertThat(fleet.current().pools()).hasSize(1));
      fleet.fileSettings(DEFAULTS, ADMISSION, Map.of("m", aliases("x")));
      eventually(() -> assertThat(fleet.current().resolve("x")).isNotNull());
    }
  }
}
