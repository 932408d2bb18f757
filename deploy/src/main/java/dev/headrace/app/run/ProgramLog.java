package dev.headrace.app.run;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Log lines on standard error: time, level, who, what, in one line each; of an exception its own
 * line, no stack trace. A configuration of one's own ({@code java.util.logging.config.file}) is
 * left alone.
 */
public final class ProgramLog {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private ProgramLog() {}

  /** Sets the root logger's level and form. */
  public static void use(Level level) {
    if (System.getProperty("java.util.logging.config.file") != null) {
      return;
    }
    Logger root = Logger.getLogger("");
    root.setLevel(level);
    for (Handler handler : root.getHandlers()) {
      handler.setLevel(level);
      handler.setFormatter(new Line());
    }
  }

  private static final class Line extends Formatter {
    @Override
    public String format(LogRecord record) {
      String logger = record.getLoggerName() == null ? "" : record.getLoggerName();
      StringBuilder line = new StringBuilder(160);
      line.append(TIME.format(record.getInstant())).append(' ');
      line.append(record.getLevel().getName()).append(' ');
      line.append(logger.substring(logger.lastIndexOf('.') + 1)).append(": ");
      line.append(formatMessage(record));
      Throwable thrown = record.getThrown();
      if (thrown != null) {
        line.append(" (").append(thrown).append(')');
      }
      return line.append(System.lineSeparator()).toString();
    }
  }
}
