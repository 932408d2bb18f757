package dev.headrace.app;

import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the program does when it is asked to end: the first SIGTERM or SIGINT begins an orderly stop
 * and leaves the exit code to it, the second one ends the program at once.
 *
 * <p>A shutdown hook can do neither: the JVM exits with 143 after the hooks, and a second signal
 * waits for them. {@code sun.misc.Signal} is the JDK's only way; it is reached by reflection since
 * the compiler warns of the package. Where it is missing, a hook does what it can.
 */
public final class StopSignals {
  private StopSignals() {}

  /**
   * @param first begins the stop; runs on a thread of the JVM and must not block
   * @param second runs before the program is halted
   */
  public static void on(Runnable first, Runnable second) {
    AtomicBoolean asked = new AtomicBoolean();
    try {
      for (String name : new String[] {"TERM", "INT"}) {
        handle(
            name,
            number -> {
              if (asked.compareAndSet(false, true)) {
                first.run();
              } else {
                second.run();
                Runtime.getRuntime().halt(128 + number);
              }
            });
      }
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      Runtime.getRuntime().addShutdownHook(new Thread(first, "stop"));
    }
  }

  private interface Handler {
    void handle(int number);
  }

  private static void handle(String name, Handler handler) throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
    Object proxy =
        Proxy.newProxyInstance(
            StopSignals.class.getClassLoader(),
            new Class<?>[] {handlerType},
            (self, method, arguments) ->
                switch (method.getName()) {
                  case "handle" -> {
                    Object raised = arguments[0];
                    handler.handle((int) signal.getMethod("getNumber").invoke(raised));
                    yield null;
                  }
                  case "equals" -> self == arguments[0];
                  case "hashCode" -> System.identityHashCode(self);
                  default -> "stop signal handler";
                });
    signal
        .getMethod("handle", signal, handlerType)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
  }
}
