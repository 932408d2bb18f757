package dev.headrace.router.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.balance.Policies;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EveryMistakeIsReportedAtOnceTest {

  @Test
  void a_policy_that_does_not_exist_is_named_with_what_was_meant() {
    assertThat(
            Configs.mistakes(
                """
                defaults: { policy: sesion }
                models: { m: { policy: best } }
                """))
        .hasSize(2)
        .anySatisfy(
            mistake ->
                assertThat(mistake)
                    .startsWith("headrace.yaml:1  defaults.policy = sesion  expected one of")
                    .endsWith("; did you mean session?"))
        .anySatisfy(
            mistake ->
                assertThat(mistake)
                    .isEqualTo(
                        "headrace.yaml:2  models.m.policy = best  expected one of "
                            + String.join(", ", Policies.names())));
  }

  @Test
  void limits_of_those_who_wait_that_cannot_be_are_refused_for_all_models_and_for_one() {
    assertThat(
            Configs.mistakes(
                """
                admission: { max-queue: -1, max-wait: 2h, order: fifo }
                models:
                  m: { admission: { max-queue: 2000000, max-wait: 0s, order: shortest-first } }
                  n: { admission: { maxqueue: 1 }, weights: { w: 0 } }
                """))
        .containsExactly(
            "headrace.yaml:1  admission.max-queue = -1  expected a whole number, 0 to 1000000",
            "headrace.yaml:1  admission.max-wait = 2h  expected a duration from 1ms to 1h",
            "headrace.yaml:1  admission.order = fifo  expected one of fcfs, shortest-job-first;"
                + " did you mean fcfs?",
            "headrace.yaml:3  models.m.admission.max-queue = 2000000  expected a whole number, 0 to"
                + " 1000000",
            "headrace.yaml:3  models.m.admission.max-wait = 0s  expected a duration from 1ms to 1h",
            "headrace.yaml:3  models.m.admission.order = shortest-first  expected one of fcfs,"
                + " shortest-job-first; did you mean shortest-job-first?",
            "headrace.yaml:4  models.n.weights.w = 0  expected a number above 0 and at most"
                + " 1000000, such as 1 or 0.5",
            "headrace.yaml:4  models.n.admission.maxqueue  is not a known key; expected one of"
                + " max-queue, max-wait, order; did you mean max-queue?");
  }

  @Test
  void a_file_full_of_mistakes_gives_all_of_them_with_place_value_expectation_and_guess() {
    List<String> mistakes =
        Configs.mistakes(
            """
            listen: 127.0.0.1:99999
            admn: { listen: 127.0.0.1:8089 }
            fleet:
              static:
                - { id: a, url: "ftp://x", engine: vlm }
                - { id: a, url: "http://127.0.0.1:9002", max-concurency: 4, weight: 0 }
                - { url: "http://127.0.0.1:9003", models: llama }
            models:
              m1: { aliases: [x], idle-timeout: 30 }
              m2: { aliases: [x, m2] }
            retry: { attempts: lots }
            threads:
              transport: epol
            """);
    assertThat(mistakes)
        .containsExactly(
            "headrace.yaml:1  listen = 127.0.0.1:99999  expected a port from 0 to 65535",
            "headrace.yaml:2  admn  is not a known key; expected one of "
                + Schema.ROOT.fields().stream().map(Field::name).collect(Collectors.joining(", "))
                + "; did you mean admin?",
            "headrace.yaml:5  fleet.static[0].url = ftp://x  expected a URL of scheme, host, port"
                + " and perhaps a path, such as http://127.0.0.1:8000",
            "headrace.yaml:5  fleet.static[0].engine = vlm  expected one of vllm, tgi, llamacpp,"
                + " sglang, trtllm, openai; did you mean vllm?",
            "headrace.yaml:6  fleet.static[1].max-concurency  is not a known key; expected one of"
                + " id, url, engine, models, max-concurrency, weight, api-key; did you mean"
                + " max-concurrency?",
            "headrace.yaml:6  fleet.static[1].weight = 0  expected a number above 0 and at most"
                + " 1000000, such as 1 or 0.5",
            "headrace.yaml:6  fleet.static[1].id = a  is the id of another worker, too"
                + " (headrace.yaml:5); expected a unique one",
            "headrace.yaml:7  fleet.static[2].id  is missing; expected worker id",
            "headrace.yaml:7  fleet.static[2].models  expected a list, such as [a, b]",
            "headrace.yaml:9  models.m1.idle-timeout = 30  expected a duration with a unit (ms, s,"
                + " m, h, d), such as 30s; did you mean 30s?",
            "headrace.yaml:10  models.m2.aliases[0] = x  names two models: it is an alias of 'm1',"
                + " too",
            "headrace.yaml:10  models.m2.aliases[1] = m2  is the model's own name; an alias is"
                + " another name",
            "headrace.yaml:11  retry.attempts = lots  expected a whole number, 1 to 10",
            "headrace.yaml:13  threads.transport = epol  expected one of auto, epoll, io_uring,"
                + " nio; did you mean epoll?");
  }

  @Test
  void a_key_that_is_there_twice_is_a_mistake_with_both_lines() {
    assertThat(Configs.mistakes("listen: 127.0.0.1:1\nadmin: {}\nlisten: 127.0.0.1:2\n"))
        .containsExactly("headrace.yaml:3  listen  is there twice: first in line 1");
  }

  @Test
  void text_that_is_no_yaml_is_told_with_its_line() {
    assertThat(Configs.mistakes("listen: 127.0.0.1:1\nadmin: { listen: [ }\n"))
        .singleElement()
        .asString()
        .startsWith("headrace.yaml:2  cannot be read as YAML near column");
  }

  @ParameterizedTest
  @ValueSource(strings = {"- a", "just text", "a: 1\n---\nb: 2", "a: &x 1\nb: *x"})
  void a_file_of_another_form_is_refused(String yaml) {
    assertThat(Configs.mistakes(yaml)).isNotEmpty();
  }

  @Test
  void an_alias_loop_and_a_chain_of_aliases_are_mistakes() {
    assertThat(Configs.mistakes("models:\n  a: { aliases: [b] }\n  b: { aliases: [a] }\n"))
        .containsExactly(
            "headrace.yaml:2  models.a.aliases[0] = b  makes a loop: 'a' is an alias of 'b' in turn",
            "headrace.yaml:3  models.b.aliases[0] = a  makes a loop: 'b' is an alias of 'a' in turn");
    assertThat(Configs.mistakes("models:\n  a: { aliases: [b] }\n  b: { aliases: [c] }\n"))
        .singleElement()
        .asString()
        .contains("models.a.aliases[0] = b", "not to another alias");
  }

  @Test
  void an_alias_that_a_worker_serves_itself_is_a_mistake() {
    assertThat(
            Configs.mistakes(
                """
                fleet: { static: [ { id: w, url: "http://127.0.0.1:1", models: [small] } ] }
                models: { big: { aliases: [small] } }
                """))
        .singleElement()
        .asString()
        .contains("models.big.aliases[0] = small", "worker 'w' serves a model of that name");
  }

  @Test
  void a_weight_for_a_worker_that_is_not_there_is_a_mistake_of_a_static_fleet() {
    String models = "models: { m: { weights: { gpu1: 2 } } }\n";
    assertThat(
            Configs.mistakes(
                "fleet: { static: [ { id: gpu-1, url: \"http://127.0.0.1:1\" } ] }\n" + models))
        .singleElement()
        .asString()
        .contains("models.m.weights.gpu1", "did you mean gpu-1?");
    assertThat(Configs.good("fleet: { consul: {} }\n" + models).models().get("m").weights())
        .isEqualTo(Map.of("gpu1", 2.0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: 0.0.0.0:8088 | listen = 0.0.0.0:8088 | auth.keys-file",
        "listen: :8088 | listen = 0.0.0.0:8088 | auth.keys-file",
        "listen: '[::]:8088' | listen = [::]:8088 | auth.keys-file",
        "listen: example.org:8088 | listen = example.org:8088 | auth.keys-file",
        "admin: { listen: 10.1.2.3:8089 } | admin.listen = 10.1.2.3:8089 | admin.token",
      })
  void listening_beyond_loopback_without_credentials_is_refused_and_explained(
      String yaml, String what, String remedy) {
    assertThat(Configs.mistakes(yaml))
        .singleElement()
        .asString()
        .contains(what, remedy, "--insecure");
    assertThat(
            new ConfigLoader(Map.of())
                .parse(yaml, "headrace.yaml", new ConfigOverrides(null, null, true)))
        .isInstanceOf(ConfigResult.Ok.class);
  }

  @Test
  void a_reference_to_a_variable_that_is_not_set_is_one_mistake() {
    assertThat(Configs.mistakes("fleet: { consul: { token: \"${env:NO_SUCH}\" } }"))
        .singleElement()
        .asString()
        .contains("fleet.consul.token", "NO_SUCH", "not set", "${env:NO_SUCH:-default}");
  }

  @Test
  void a_mistake_in_a_variable_or_option_names_it() {
    assertThat(Configs.mistakes("", Map.of("HEADRACE_SHUTDOWN_GRACE", "soon")))
        .singleElement()
        .asString()
        .startsWith("HEADRACE_SHUTDOWN_GRACE  shutdown.grace = soon  expected a duration");
    ConfigResult result =
        new ConfigLoader(Map.of()).load(null, new ConfigOverrides(99_999, null, false));
    assertThat(((ConfigResult.Refused) result).problems())
        .singleElement()
        .hasToString("--port  listen = 127.0.0.1:99999  expected a port from 0 to 65535");
  }

  @Test
  void a_keys_file_that_is_not_there_is_a_mistake() {
    assertThat(Configs.mistakes("auth: { keys-file: no-such-keys.txt }"))
        .singleElement()
        .asString()
        .contains("auth.keys-file = no-such-keys.txt", "no file that can be read");
  }

  @Test
  void both_ports_on_one_address_are_a_mistake() {
    assertThat(Configs.mistakes("admin: { listen: 127.0.0.1:8088 }"))
        .singleElement()
        .asString()
        .contains("admin.listen = 127.0.0.1:8088", "expected another port");
  }

  @Test
  void a_total_time_below_the_first_token_time_is_a_mistake() {
    assertThat(Configs.mistakes("models: { m: { total-timeout: 30s } }"))
        .singleElement()
        .asString()
        .contains("models.m.total-timeout = 30s", "first-token-timeout (1m)");
  }

  @Test
  void impossible_bounds_of_waiting_are_refused() {
    assertThat(Configs.mistakes("admission: { max-queue: -1, max-wait: 0s }"))
        .hasSize(2)
        .anyMatch(line -> line.contains("admission.max-queue = -1"))
        .anyMatch(line -> line.contains("admission.max-wait = 0s"));
  }
}
