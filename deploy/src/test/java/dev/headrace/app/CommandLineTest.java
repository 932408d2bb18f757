package dev.headrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

class CommandLineTest {

  static Stream<List<String>> everyCommand() {
    List<List<String>> all = new ArrayList<>();
    collect(HeadraceCommand.commandLine(), List.of(), all);
    return all.stream();
  }

  private static void collect(CommandLine line, List<String> path, List<List<String>> all) {
    all.add(path);
    line.getSubcommands()
        .forEach(
            (name, command) -> {
              List<String> below = new ArrayList<>(path);
              below.add(name);
              if (!command.getCommandSpec().usageMessage().hidden()) {
                collect(command, below, all);
              }
            });
  }

  @Test
  void the_promised_commands_are_there() {
    assertThat(HeadraceCommand.commandLine().getSubcommands())
        .containsKeys(
            "demo", "serve", "worker", "sim", "bench", "config", "models", "workers", "version");
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void every_command_explains_itself(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--help");
    Run run = Run.of(arguments.toArray(new String[0]));
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("Usage: " + String.join(" ", path(command)));
  }

  @ParameterizedTest
  @MethodSource("everyCommand")
  void every_command_refuses_an_unknown_option_in_a_clear_line(List<String> command) {
    List<String> arguments = new ArrayList<>(command);
    arguments.add("--no-such-option");
    Run run = Run.of(arguments.toArray(new String[0]));
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--no-such-option", "--help").doesNotContain("\tat ");
    assertThat(run.out()).isEmpty();
  }

  private static List<String> path(List<String> command) {
    List<String> path = new ArrayList<>(List.of("headrace"));
    path.addAll(command);
    return path;
  }

  @Test
  void a_command_is_needed_and_a_misspelt_one_is_guessed() {
    assertThat(Run.of().exitCode()).isEqualTo(ExitCode.USAGE);
    Run run = Run.of("demmo");
    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("demmo", "demo");
  }

  @Test
  void a_bad_configuration_ends_check_show_and_serve_with_all_mistakes(@TempDir Path folder)
      throws IOException {
    Path file = folder.resolve("headrace.yaml");
    Files.writeString(file, "listen: nowhere\nretry: { atempts: 2 }\n");
    for (String[] command : new String[][] {{"config", "check"}, {"config", "show"}, {"serve"}}) {
      List<String> arguments = new ArrayList<>(List.of(command));
      arguments.addAll(List.of("--config", file.toString()));
      Run run = Run.of(arguments.toArray(new String[0]));
      assertThat(run.exitCode()).isEqualTo(ExitCode.CONFIG);
      assertThat(run.out()).isEmpty();
      assertThat(run.err())
          .contains("2 mistakes", "listen = nowhere", "did you mean attempts?")
          .doesNotContain("\tat ");
    }
  }

  @Test
  void a_good_configuration_is_told_so_and_shown(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("headrace.yaml");
    Files.writeString(file, "shutdown: { grace: 7s }\nadmin: { token: c4n4ry }\n");
    Run check = Run.of("config", "check", "--config", file.toString());
    assertThat(check.exitCode()).isZero();
    assertThat(check.out()).contains("is good");
    Run show = Run.of("config", "show", "--config", file.toString());
    assertThat(show.out())
        .containsPattern("shutdown.grace +7s +.*headrace.yaml:1")
        .containsPattern("listen +127.0.0.1:8088 +default")
        .contains("***")
        .doesNotContain("c4n4ry");
  }

  @Test
  void a_taken_port_is_named_with_its_own_exit_code() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Run data = Run.of("serve", "--port", port, "--admin-port", "0");
      assertThat(data.exitCode()).isEqualTo(ExitCode.ADDRESS);
      assertThat(data.err()).contains("127.0.0.1:" + port + " is taken", "--port");
      Run admin = Run.of("serve", "--port", "0", "--admin-port", port);
      assertThat(admin.exitCode()).isEqualTo(ExitCode.ADDRESS);
      assertThat(admin.err()).contains("127.0.0.1:" + port + " is taken", "--admin-port");
    }
  }

  @Test
  void asking_a_router_that_is_not_there_says_how_to_start_one() throws IOException {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    for (String command : List.of("workers", "models")) {
      Run run = Run.of(command, "--admin", "http://127.0.0.1:" + port);
      assertThat(run.exitCode()).isEqualTo(ExitCode.UNREACHABLE);
      assertThat(run.err()).contains("127.0.0.1:" + port, "headrace serve", "--admin");
    }
    assertThat(Run.of("workers", "--admin", "http://").exitCode()).isEqualTo(ExitCode.USAGE);
  }

  @Test
  void completion_is_a_script_that_knows_the_commands() {
    Run run = Run.of("completion");
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains("complete -F", "workers", "--admin-port");
  }

  @Test
  void version_names_the_program_and_the_java() {
    assertThat(Run.of("version").out()).contains("headrace ", "java ");
    assertThat(Run.of("--version").out()).isEqualTo(Run.of("version").out());
  }
}
