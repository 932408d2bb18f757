package dev.headrace.router.kit;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Makes parts of a router throw when a test says so. Any thread. */
public final class Faults {
  private final Set<String> throwing = ConcurrentHashMap.newKeySet();

  /** From now on calls of this method throw, such as {@code Engine.failure}. */
  public void in(String method) {
    throwing.add(method);
  }

  /** All is well again. */
  public void none() {
    throwing.clear();
  }

  /** The same thing with calls that may throw, and so with the parts that it gives. */
  public <T> T around(Class<T> type, T target) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              strike(type.getSimpleName() + "." + method.getName());
              try {
                Object given = method.invoke(target, arguments);
                Class<?> part = method.getReturnType();
                boolean ours = part.isInterface() && part.getName().startsWith("dev.headrace.");
                return given == null || !ours ? given : aroundPart(part, given);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            }));
  }

  private <P> P aroundPart(Class<P> type, Object given) {
    return around(type, type.cast(given));
  }

  private void strike(String method) {
    if (throwing.contains(method)) {
      throw new IllegalStateException("injected into " + method);
    }
  }
}
