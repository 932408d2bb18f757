package dev.headrace.router.config;

import dev.headrace.router.config.HeadraceConfig.Auth;
import dev.headrace.router.config.HeadraceConfig.Fleet;
import dev.headrace.router.config.HeadraceConfig.Logs;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: the file, over it {@code HEADRACE_…} variables, over them the command
 * line. All mistakes come out at once. Immutable; reading files blocks, so never on an event loop.
 */
public final class ConfigLoader {
  private static final long MAX_FILE = 4L << 20;

  private final Map<String, String> environment;

  /**
   * @param environment the process's variables
   */
  public ConfigLoader(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /** What holds when nobody configures anything. */
  public static HeadraceConfig defaults() {
    ConfigResult result = new ConfigLoader(Map.of()).load(null, ConfigOverrides.NONE);
    if (result instanceof ConfigResult.Ok ok) {
      return ok.config();
    }
    throw new IllegalStateException("the defaults are no valid configuration: " + result);
  }

  /**
   * Reads the file, or only environment and command line when there is none.
   *
   * @param file null: no file
   */
  public ConfigResult load(@Nullable Path file, ConfigOverrides overrides) {
    if (file == null) {
      return read("", "no file", null, overrides);
    }
    String name = file.toString();
    try {
      if (Files.isDirectory(file)) {
        return unreadable(name, "is a directory; expected a YAML file");
      }
      if (Files.size(file) > MAX_FILE) {
        return unreadable(name, "is larger than " + Quantities.showSize(MAX_FILE));
      }
      return read(Files.readString(file, StandardCharsets.UTF_8), name, file, overrides);
    } catch (NoSuchFileException e) {
      return unreadable(name, "does not exist");
    } catch (MalformedInputException e) {
      return unreadable(name, "is not UTF-8 text");
    } catch (IOException e) {
      return unreadable(name, "cannot be read (" + e.getClass().getSimpleName() + ")");
    }
  }

  /**
   * Reads a text as if it were a file in the working directory.
   *
   * @param name for messages
   */
  public ConfigResult parse(String yaml, String name, ConfigOverrides overrides) {
    return read(yaml, name, null, overrides);
  }

  private static ConfigResult unreadable(String name, String why) {
    return new ConfigResult.Refused(
        List.of(new ConfigProblem("", Origin.of(name), null, why, null)));
  }

  private ConfigResult read(
      String yaml, String name, @Nullable Path file, ConfigOverrides overrides) {
    List<ConfigProblem> problems = new ArrayList<>();
    Path parent = file == null ? null : file.toAbsolutePath().getParent();
    Reading reading = new Reading(problems, parent == null ? Path.of("") : parent);

    Node.Mapping written = YamlTree.read(yaml, name, problems);
    Node.Mapping root = new EnvironmentReferences(environment, problems).resolve(written);
    root = overrides.apply(EnvironmentOverrides.apply(root, environment));
    root = FleetSchema.withDefaultSource(root);
    HeadraceConfig config = Schema.ROOT.read(root, "", reading);
    ConfigRules.check(root, reading);
    Auth auth = new Auth(new ConfigFiles(reading, root).keysFile());

    if (config == null || !problems.isEmpty()) {
      problems.sort(
          Comparator.comparing((ConfigProblem p) -> !p.origin().name().equals(name))
              .thenComparing(p -> p.origin().line()));
      return new ConfigResult.Refused(problems);
    }
    StateFile state = StateFile.of(config, reading.folder(), environment);
    Fleet fleet =
        new Fleet(
            config.fleet().staticWorkers(),
            config.fleet().embedded(),
            config.fleet().consul(),
            state.path());
    Path access = config.logs().accessFile();
    Logs logs =
        new Logs(
            access == null ? null : reading.folder().resolve(access), config.logs().decisions());
    return new ConfigResult.Ok(
        Schema.placed(config, auth, fleet, logs, file), state.shownIn(reading.settings()));
  }
}
