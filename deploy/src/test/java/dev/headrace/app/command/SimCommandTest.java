package dev.headrace.app.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.app.ExitCode;
import dev.headrace.app.HeadraceCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** {@code headrace sim} says in one clear line what is wrong with its command line. */
class SimCommandTest {
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = HeadraceCommand.commandLine();
    line.setErr(new PrintWriter(err, true));
    return line.execute(arguments);
  }

  @Test
  void a_taken_port_is_told_in_one_line() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      assertThat(run("sim", "--engine", "vllm", "--port", port, "--model", "m"))
          .isEqualTo(ExitCode.ADDRESS);
      assertThat(err.toString().strip().lines()).hasSize(1);
      assertThat(err.toString()).contains("127.0.0.1:" + port, "--port");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "--engine ollama --port 0 --model m, 'one of vllm, tgi, llamacpp, sglang'",
    "--engine vllm --port 0, --model",
    "--engine vllm --port 70000 --model m, 0 to 65535",
    "--engine vllm --port 0 --model m --fault dye_after_tokens=3, unknown fault",
    "--engine vllm --port 0 --model m --fault crlf=maybe, true or false",
    "--engine vllm --port 0 --model m --decode 20 --step-ms 5, --decode excludes",
    "--engine vllm --port 0 --model m --instant --prefill 5, --instant excludes",
    "--engine vllm --port 0 --model m --admission-limit 5, only tgi and sglang",
    "--engine tgi --port 0 --model m --adapter a, only vllm and sglang",
    "--engine vllm --port 0 --model m --decode 0, above 0",
    "--engine vllm --port 0 --model m --slots 0, at least 1"
  })
  void a_wrong_option_is_explained(String arguments, String expected) {
    assertThat(run(("sim " + arguments).split(" "))).isEqualTo(ExitCode.USAGE);
    assertThat(err.toString()).contains(expected);
  }
}
