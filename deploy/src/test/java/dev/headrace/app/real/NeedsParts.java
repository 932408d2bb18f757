package dev.headrace.app.real;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * What a suite or a test talks to. It is asked before anything of the suite is made, so that a
 * missing part skips it, with the reason; with {@code HEADRACE_REQUIRE_PARTS=1} it fails instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsParts.Condition.class)
@interface NeedsParts {
  RealPart[] value();

  /** Asks the annotation of the suite, then that of each of its tests. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return judge(
          AnnotationSupport.findAnnotation(context.getElement(), NeedsParts.class).stream()
              .flatMap(needs -> Stream.of(needs.value()))
              .map(RealPart::missing)
              .flatMap(Optional::stream)
              .collect(Collectors.joining("; ")),
          "1".equals(System.getenv("HEADRACE_REQUIRE_PARTS")));
    }

    /** What becomes of a suite for which so much is missing; empty: nothing is. */
    static ConditionEvaluationResult judge(String missing, boolean required) {
      if (missing.isEmpty()) {
        return ConditionEvaluationResult.enabled("all parts are there");
      }
      if (required) {
        throw new AssertionError(missing + " (HEADRACE_REQUIRE_PARTS=1 forbids skipping)");
      }
      return ConditionEvaluationResult.disabled(missing);
    }
  }
}
