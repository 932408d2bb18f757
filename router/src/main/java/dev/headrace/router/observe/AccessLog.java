package dev.headrace.router.observe;

/** Takes one record per exchange. Called on event loops: must not block. */
@FunctionalInterface
public interface AccessLog {
  void write(AccessRecord record);

  AccessLog NONE = record -> {};
}
