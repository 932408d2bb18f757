package dev.headrace.router.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.kit.Frames;
import dev.headrace.router.kit.RouterKit;
import dev.headrace.router.kit.ScriptedWorker;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The policy that a model's settings name decides, with what the request tells of its session. */
class SessionsReachOneWorkerTest {

  private static Set<String> workers(RouterKit kit, String body, String header) throws Exception {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      seen.add(
          kit.post(RouterKit.CHAT, body, "x-headrace-debug: 1", header)
              .header("x-headrace-worker"));
    }
    return seen;
  }

  @Test
  void byHeaderByUserAndTheHeaderFirst() throws Exception {
    try (ScriptedWorker a = new ScriptedWorker(Frames.json());
        ScriptedWorker b = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit()) {
      kit.options.policy = "session";
      kit.worker("a", "vllm", "m", a.port()).worker("b", "vllm", "m", b.port()).start();
      Set<String> byHeader = new HashSet<>();
      Set<String> byUser = new HashSet<>();
      for (int session = 0; session < 12; session++) {
        String user =
            RouterKit.PLAIN.replace("{\"model\"", "{\"user\":\"u" + session + "\",\"model\"");
        Set<String> home = workers(kit, RouterKit.PLAIN, "x-session-id: s" + session);
        Set<String> userHome = workers(kit, user, "x-other: 1");
        assertThat(home).hasSize(1);
        assertThat(userHome).hasSize(1);
        assertThat(workers(kit, user, "x-session-id: s" + session)).isEqualTo(home);
        byHeader.addAll(home);
        byUser.addAll(userHome);
      }
      assertThat(byHeader).hasSize(2);
      assertThat(byUser).hasSize(2);
      kit.assertNothingHeld();
    }
  }

  @Test
  void roundRobinTakesTurns() throws Exception {
    try (ScriptedWorker a = new ScriptedWorker(Frames.json());
        ScriptedWorker b = new ScriptedWorker(Frames.json());
        RouterKit kit = new RouterKit()) {
      kit.options.policy = "round-robin";
      kit.worker("a", "vllm", "m", a.port()).worker("b", "vllm", "m", b.port()).start();
      workers(kit, RouterKit.PLAIN, "x-session-id: one");
      assertThat(a.requests).hasSize(6);
      assertThat(b.requests).hasSize(6);
    }
  }
}
