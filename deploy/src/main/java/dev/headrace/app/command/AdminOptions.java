package dev.headrace.app.command;

import dev.headrace.app.admin.AdminClient;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which running router a command asks. */
final class AdminOptions {
  @Option(
      names = "--admin",
      paramLabel = "URL",
      defaultValue = "http://127.0.0.1:8089",
      description = "Admin address of the router. Default: ${DEFAULT-VALUE}")
  private String admin;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      defaultValue = "${env:HEADRACE_ADMIN_TOKEN}",
      description =
          "Its admin.token. Default: the variable HEADRACE_ADMIN_TOKEN, which other users of the"
              + " machine cannot see.")
  private @Nullable String token;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** Made by picocli, which fills the fields. */
  @SuppressWarnings("NullAway.Init")
  AdminOptions() {}

  AdminClient client() {
    String text = admin.contains("://") ? admin : "http://" + admin;
    try {
      URI uri = URI.create(text);
      String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
      if (uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return new AdminClient(uri, token);
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new ParameterException(
        spec.commandLine(),
        "--admin expects an address such as http://127.0.0.1:8089, not '" + admin + "'");
  }
}
