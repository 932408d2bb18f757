package dev.headrace.router.config;

import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** The values of one section's fields, each of its field's type. */
final class Values {
  private final IdentityHashMap<Field<?>, Object> byField = new IdentityHashMap<>();

  /** Package code only: the value must come from the field itself. */
  void put(Field<?> field, @Nullable Object value) {
    if (value != null) {
      byField.put(field, value);
    }
  }

  /** The value of a field that is required or has a default. */
  <T> T get(Field<T> field) {
    T value = find(field);
    if (value == null) {
      throw new IllegalStateException(field.name() + " has no value and no default");
    }
    return value;
  }

  /** The value, or null when nobody wrote it and it has no default. */
  @SuppressWarnings("unchecked") // put() takes only what the field's own shape has read
  <T> @Nullable T find(Field<T> field) {
    return (T) byField.get(field);
  }
}
