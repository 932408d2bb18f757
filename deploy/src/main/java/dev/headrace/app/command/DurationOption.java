package dev.headrace.app.command;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a duration with its unit: {@code 500ms}, {@code 15s}, {@code 10m}, {@code 1h}. */
final class DurationOption implements ITypeConverter<Duration> {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m|h)");
  private static final Map<String, Long> MILLIS =
      Map.of("ms", 1L, "s", 1000L, "m", 60_000L, "h", 3_600_000L);

  @Override
  public Duration convert(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    if (!matcher.matches()) {
      throw new TypeConversionException(
          "expected a duration with its unit (ms, s, m, h), such as 30s, got '" + text + "'");
    }
    BigDecimal factor = BigDecimal.valueOf(MILLIS.getOrDefault(matcher.group(2), 1L));
    return Duration.ofMillis(new BigDecimal(matcher.group(1)).multiply(factor).longValue());
  }
}
