package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsAreNeverShownTest {
  private static final String CANARY = "c4n4ry-s3cret";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "admin: { token: \"CANARY with a blank\" }",
        "admin: { token: [CANARY] }",
        "admin: { tokn: CANARY }",
        "admin: { token: { CANARY: 1 } }",
        "token: CANARY",
        "admin:\n  token: 'CANARY",
        "admin:\n  token: !CANARY!x y",
        "admin:\n  token: *CANARY",
        "admin:\n  token: @CANARY",
        "admin: { token: CANARY }\nadmin: { token: CANARY }",
        "fleet: { static: [ { id: a, url: \"http://user:CANARY@host:1\" } ] }",
        "fleet: { static: [ { id: a, url: \"http://host:1/?key=CANARY\" } ] }",
        "fleet: { static: [ { id: a, url: \"http://host:1\", api-key: \"CANARY\\n\" } ] }",
        "fleet: { consul: { token: \"${env:X}\", datacenter: [] } }",
        "fleet: { consul: { address: \"${env:X}\" } }",
      })
  void no_mistake_shows_one(String yaml) {
    assertThat(Configs.mistakes(yaml.replace("CANARY", CANARY), Map.of("X", CANARY + ":/x")))
        .isNotEmpty()
        .allSatisfy(line -> assertThat(line).doesNotContain(CANARY));
  }

  @Test
  void neither_the_effective_settings_nor_the_record_show_one() {
    ConfigResult result =
        Configs.parse(
            """
            admin: { token: "${env:X}" }
            fleet:
              static: [ { id: a, url: "http://127.0.0.1:1", api-key: c4n4ry-s3cret } ]
              consul: { token: c4n4ry-s3cret }
            """,
            Map.of("X", CANARY));
    assertThat(result).isInstanceOf(ConfigResult.Ok.class);
    assertThat(result.toString()).doesNotContain(CANARY).contains("***");
    HeadraceConfig config = ((ConfigResult.Ok) result).config();
    assertThat(config.admin().token()).isEqualTo(Secret.of(CANARY));
  }
}
