package dev.headrace.router.fleet.consul;

import io.vertx.ext.consul.ConsulClient;
import io.vertx.ext.consul.Service;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Watches which services exist, for those that are wanted by a prefix of their name. Confined to
 * its context.
 */
final class CatalogWatch implements BlockingQuery.Listener<Set<String>> {
  private static final String NAME = "the list of services";

  private final List<String> prefixes;
  private final WatchScope scope;
  private final ConsulClient client;
  private final BlockingQuery<Set<String>> query;
  private final Consumer<Set<String>> onNames;
  private final Runnable onFailure;
  private Set<String> names = Set.of();
  private boolean answered;
  private boolean settled;

  /**
   * @param onNames gets the matching names after the first answer and each change
   * @param onFailure runs when the first result is a failure
   */
  CatalogWatch(
      List<String> prefixes, WatchScope scope, Consumer<Set<String>> onNames, Runnable onFailure) {
    this.prefixes = List.copyOf(prefixes);
    this.scope = scope;
    this.onNames = onNames;
    this.onFailure = onFailure;
    this.client = scope.address().client(scope.context().owner());
    this.query =
        scope.query(
            options ->
                client
                    .catalogServicesWithOptions(options)
                    .map(
                        list ->
                            new BlockingQuery.Answer<>(list.getIndex(), matching(list.getList()))),
            this);
  }

  void start() {
    query.start();
  }

  void stop() {
    query.stop();
    scope.contact().forget(NAME);
    client.close();
  }

  boolean answered() {
    return answered;
  }

  boolean settled() {
    return settled;
  }

  @Override
  public boolean answered(Set<String> now, boolean restarted) {
    scope.contact().answered(NAME);
    boolean changed = !answered || !now.equals(names);
    answered = true;
    settled = true;
    if (changed) {
      names = now;
      onNames.accept(now);
    }
    return changed;
  }

  @Override
  public void failed(Throwable cause) {
    scope.contact().failed(NAME, cause);
    if (!settled) {
      settled = true;
      onFailure.run();
    }
  }

  private Set<String> matching(List<Service> services) {
    Set<String> matching = new TreeSet<>();
    for (Service service : services) {
      if (prefixes.stream().anyMatch(service.getName()::startsWith)) {
        matching.add(service.getName());
      }
    }
    return matching;
  }
}
