package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.admission.Order;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationIsReadTest {

  @Test
  void without_any_configuration_it_listens_on_loopback_and_takes_registrations() {
    HeadraceConfig config = ConfigLoader.defaults();
    assertThat(config.listen()).isEqualTo(address("127.0.0.1", 8088));
    assertThat(config.admin().listen()).isEqualTo(address("127.0.0.1", 8089));
    assertThat(config.fleet().embedded())
        .isEqualTo(new HeadraceConfig.Embedded(Duration.ofSeconds(15)));
    assertThat(config.fleet().consul()).isNull();
    assertThat(config.fleet().staticWorkers()).isEmpty();
    assertThat(config.fleet().stateFile()).isNull();
  }

  @Test
  void the_documented_form_is_understood(@TempDir Path folder) throws IOException {
    Files.writeString(folder.resolve("keys.txt"), "");
    Path file = folder.resolve("headrace.yaml");
    Files.writeString(
        file,
        """
        listen: 127.0.0.1:8088
        admin:  { listen: 127.0.0.1:8089, token: "${env:HEADRACE_ADMIN_TOKEN}" }
        auth:   { keys-file: keys.txt }
        fleet:
          static:
            - { id: a, url: "http://127.0.0.1:9001", engine: vllm, models: [llama-8b], max-concurrency: 64 }
          embedded: {}
          consul: { address: "127.0.0.1:8500", services: [headrace-worker], token: "${env:CONSUL_HTTP_TOKEN}" }
        models:
          llama-8b: { aliases: [gpt-4o-mini], first-token-timeout: 60s, idle-timeout: 30s, total-timeout: 10m }
        """);
    Map<String, String> environment =
        Map.of("HEADRACE_ADMIN_TOKEN", "t1", "CONSUL_HTTP_TOKEN", "t2", "HOME", "/home/x");
    ConfigResult result = new ConfigLoader(environment).load(file, ConfigOverrides.NONE);
    assertThat(result).isInstanceOf(ConfigResult.Ok.class);
    HeadraceConfig config = ((ConfigResult.Ok) result).config();
    assertThat(config.source()).isEqualTo(file);
    assertThat(config.admin().token()).isEqualTo(Secret.of("t1"));
    assertThat(config.auth().keysFile()).isEqualTo(folder.resolve("keys.txt"));
    assertThat(config.fleet().staticWorkers())
        .containsExactly(
            new HeadraceConfig.StaticWorker(
                "a", "http://127.0.0.1:9001", "vllm", List.of("llama-8b"), 64, 1.0, null));
    assertThat(config.fleet().embedded()).isNotNull();
    assertThat(config.fleet().consul().token()).isEqualTo(Secret.of("t2"));
    assertThat(config.fleet().consul().services()).containsExactly("headrace-worker");
    assertThat(config.fleet().stateFile())
        .isEqualTo(Path.of("/home/x/.local/state/headrace/fleet-8088.json"));
    assertThat(config.models().get("llama-8b").totalTimeout()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void a_model_may_have_its_own_settings_of_those_who_wait() {
    HeadraceConfig config =
        Configs.good(
            """
            admission: { max-queue: 10, order: shortest-job-first }
            models:
              m: { admission: { max-queue: 0, max-wait: 5s, order: fcfs } }
              n: { policy: random }
            """);
    HeadraceConfig.Admission all = config.admission();
    assertThat(all)
        .isEqualTo(
            new HeadraceConfig.Admission(10, Duration.ofSeconds(60), Order.SHORTEST_JOB_FIRST));
    assertThat(config.models().get("m").admission().over(all))
        .isEqualTo(new HeadraceConfig.Admission(0, Duration.ofSeconds(5), Order.FCFS));
    assertThat(config.models().get("n").admission()).isEqualTo(AdmissionOverrides.NONE);
  }

  @Test
  void variables_stand_over_the_file_and_options_over_both() {
    Map<String, String> environment =
        Map.of(
            "HEADRACE_LISTEN", "127.0.0.2:1",
            "HEADRACE_RETRY_ATTEMPTS", "5",
            "HEADRACE_FLEET_CONSUL_SERVICES", "a, b*",
            "HEADRACE_LIMITS_MAX_BODY", "");
    ConfigResult result =
        new ConfigLoader(environment)
            .parse(
                "listen: 127.0.0.1:7\nretry: { attempts: 2 }\nlimits: { max-body: 1MiB }\n",
                "f",
                new ConfigOverrides(9, 10, false));
    HeadraceConfig config = ((ConfigResult.Ok) result).config();
    assertThat(config.listen()).isEqualTo(address("127.0.0.2", 9));
    assertThat(config.admin().listen()).isEqualTo(address("127.0.0.1", 10));
    assertThat(config.retry().attempts()).isEqualTo(5);
    assertThat(config.limits().maxBody()).isEqualTo(1 << 20);
    assertThat(config.fleet().consul().services()).containsExactly("a", "b*");
    assertThat(((ConfigResult.Ok) result).settings())
        .contains(
            new EffectiveSetting("listen", "127.0.0.2:9", Origin.of("--port")),
            new EffectiveSetting("retry.attempts", "5", Origin.of("HEADRACE_RETRY_ATTEMPTS")),
            new EffectiveSetting("limits.max-body", "1MiB", new Origin("f", 3)),
            new EffectiveSetting("shutdown.grace", "30s", Origin.DEFAULT));
  }

  @Test
  void references_may_have_a_default_and_an_empty_one_counts_as_absent() {
    HeadraceConfig config =
        Configs.good(
            """
            listen: "127.0.0.1:${env:NO_PORT:-7000}"
            admin: { token: "${env:NO_TOKEN:-}" }
            """);
    assertThat(config.listen()).isEqualTo(address("127.0.0.1", 7000));
    assertThat(config.admin().token()).isNull();
  }

  @Test
  void what_a_variable_holds_is_not_interpreted_again() {
    ConfigResult result =
        Configs.parse("admin: { token: \"${env:A}\" }", Map.of("A", "${env:B}", "B", "x"));
    assertThat(((ConfigResult.Ok) result).config().admin().token())
        .isEqualTo(Secret.of("${env:B}"));
  }

  @Test
  void quantities_are_read_with_their_units() {
    assertThat(Quantities.duration("500ms")).isEqualTo(Duration.ofMillis(500));
    assertThat(Quantities.duration("1.5s")).isEqualTo(Duration.ofMillis(1500));
    assertThat(Quantities.duration("10m")).isEqualTo(Duration.ofMinutes(10));
    assertThat(Quantities.size("4MiB")).isEqualTo(4 << 20);
    assertThat(Quantities.size("1.5KiB")).isEqualTo(1536);
    assertThat(Quantities.size("2MB")).isEqualTo(2_000_000);
    assertThat(Addresses.listen("[::1]:80")).isEqualTo(address("::1", 80));
    assertThat(Addresses.listen(":8088")).isEqualTo(address("0.0.0.0", 8088));
    assertThat(Addresses.remote("consul.local", 8500)).isEqualTo(address("consul.local", 8500));
  }

  @Test
  void only_loopback_counts_as_loopback() {
    for (String text :
        List.of(
            "127.0.0.1:1",
            "127.9.9.9:1",
            "[::1]:1",
            "[0:0:0:0:0:0:0:1]:1",
            "[::ffff:127.0.0.1]:1",
            "localhost:0",
            "LocalHost:1")) {
      assertThat(Addresses.isLoopback(Addresses.listen(text))).as(text).isTrue();
    }
    for (String text :
        List.of(":1", "0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:10.0.0.1]:1", "host:1")) {
      assertThat(Addresses.isLoopback(Addresses.listen(text))).as(text).isFalse();
    }
    InetSocketAddress resolved = new InetSocketAddress("127.0.0.1", 0);
    assertThat(Addresses.isLoopback(resolved)).isTrue();
    assertThat(Addresses.isLoopback(new InetSocketAddress(resolved.getAddress(), 0))).isTrue();
    assertThat(Addresses.isLoopback(new InetSocketAddress(0))).isFalse();
  }

  @Test
  void a_missing_file_is_told() {
    ConfigResult result =
        new ConfigLoader(Map.of()).load(Path.of("no-such.yaml"), ConfigOverrides.NONE);
    assertThat(((ConfigResult.Refused) result).problems())
        .singleElement()
        .hasToString("no-such.yaml  does not exist");
  }

  private static InetSocketAddress address(String host, int port) {
    return InetSocketAddress.createUnresolved(host, port);
  }
}
