package dev.headrace.router.admin;

import dev.headrace.router.admin.Operation.Answer;
import dev.headrace.router.admin.Operation.Reply;
import dev.headrace.router.error.ErrorCode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.regex.Pattern;

/**
 * Levels of the JDK's loggers, shown and changed while the process runs. Any thread.
 *
 * <p>The JDK forgets a logger that nobody holds, and its level with it; so those that were changed
 * here are held, up to a bound.
 */
final class LogLevelOperations {
  private static final Logger LOG = Logger.getLogger(LogLevelOperations.class.getName());
  private static final String PATH = "/admin/v1/log-level";
  private static final int CHANGED = 200;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_$.]{0,200}");
  private static final List<Level> LEVELS =
      List.of(
          Level.OFF,
          Level.SEVERE,
          Level.WARNING,
          Level.INFO,
          Level.CONFIG,
          Level.FINE,
          Level.FINER,
          Level.FINEST,
          Level.ALL);

  private final Map<String, Logger> changed = Collections.synchronizedMap(new TreeMap<>());

  List<Operation> all() {
    return List.of(
        Operation.get(
            PATH,
            "getLogLevels",
            "Loggers that have a level of their own; \"\" is the root",
            "LogLevels",
            context -> Future.succeededFuture(Reply.json(200, levels()))),
        new Operation(
            HttpMethod.PUT,
            PATH,
            "setLogLevel",
            "Set or, with level null, unset a logger's level",
            false,
            "LogLevel",
            Map.of(
                200, new Answer("All levels as they are now", "LogLevels"),
                400, new Answer("The body is wrong; param names the field", "Error")),
            this::set));
  }

  private Future<Reply> set(RoutingContext context) {
    Fields fields = Fields.of(context.body().buffer(), Set.of("logger", "level"));
    String name = fields.nameOrEmpty("logger", NAME);
    String text = fields.optionalText("level", 16);
    Level level = text == null ? null : level(text);
    if (!changed.containsKey(name) && changed.size() >= CHANGED) {
      throw new AdminRefusal(
          ErrorCode.CONFLICT, "more than " + CHANGED + " loggers were changed", "logger");
    }
    Logger logger = Logger.getLogger(name);
    changed.put(name, logger);
    logger.setLevel(name.isEmpty() && level == null ? Level.INFO : level);
    if (level != null) {
      letHandlersPass(level);
    }
    LOG.log(Level.INFO, "Log level of ''{0}'' is now {1}", new Object[] {name, level});
    return Future.succeededFuture(Reply.json(200, levels()));
  }

  private static Level level(String text) {
    for (Level level : LEVELS) {
      if (level.getName().equals(text.toUpperCase(Locale.ROOT))) {
        return level;
      }
    }
    throw AdminRefusal.field(
        "level",
        "one of " + String.join(", ", LEVELS.stream().map(Level::getName).toList()),
        "'" + text + "'");
  }

  /** A handler that holds back what a logger lets through would make the change void. */
  private static void letHandlersPass(Level level) {
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      if (handler.getLevel().intValue() > level.intValue()) {
        handler.setLevel(level);
      }
    }
  }

  private static JsonObject levels() {
    Map<String, String> own = new TreeMap<>();
    for (String name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
      Logger logger = LogManager.getLogManager().getLogger(name);
      Level level = logger == null ? null : logger.getLevel();
      if (level != null) {
        own.put(name, level.getName());
      }
    }
    JsonObject loggers = new JsonObject();
    own.forEach(loggers::put);
    return new JsonObject().put("loggers", loggers);
  }
}
