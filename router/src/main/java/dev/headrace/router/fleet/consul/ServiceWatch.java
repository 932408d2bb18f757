package dev.headrace.router.fleet.consul;

import dev.headrace.router.fleet.consul.InstanceReader.Reading;
import io.vertx.core.Context;
import io.vertx.ext.consul.ConsulClient;
import io.vertx.ext.consul.ServiceEntry;
import io.vertx.ext.consul.ServiceQueryOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Watches the instances of one service, whatever their checks say. Confined to its context.
 *
 * <p>The last good list stays when Consul fails; see {@link RestartGrace} for when it forgets.
 */
final class ServiceWatch implements BlockingQuery.Listener<List<ServiceEntry>> {
  private static final Logger LOG = Logger.getLogger(ServiceWatch.class.getName());

  private final String service;
  private final String source;
  private final WatchScope scope;
  private final ConsulClient client;
  private final BlockingQuery<List<ServiceEntry>> query;
  private final RestartGrace grace;
  private final Runnable onResult;
  private final Map<String, List<String>> problems = new HashMap<>();
  private List<Instance> answeredList = List.of();
  private List<Instance> instances = List.of();
  private boolean answered;
  private boolean settled;
  private long graceTimer = -1;

  /**
   * @param before its instances as an earlier process knew them; they count as {@link RestartGrace
   *     missing} when Consul was away at first
   * @param onResult runs after the first result of any kind, and then after each change
   */
  ServiceWatch(
      String service, String source, WatchScope scope, List<Instance> before, Runnable onResult) {
    this.service = service;
    this.source = source;
    this.scope = scope;
    this.onResult = onResult;
    this.client = scope.address().client(scope.context().owner());
    this.grace = new RestartGrace(scope.graceNanos());
    this.grace.known(before);
    this.query =
        scope.query(
            options ->
                client
                    .healthServiceNodesWithOptions(
                        service, false, new ServiceQueryOptions().setBlockingOptions(options))
                    .map(list -> new BlockingQuery.Answer<>(list.getIndex(), list.getList())),
            this);
  }

  void start() {
    query.start();
  }

  void stop() {
    query.stop();
    cancelGrace();
    scope.contact().forget(name());
    client.close();
  }

  /** The instances as they are known now. */
  List<Instance> instances() {
    return instances;
  }

  /** True once Consul told what there is. */
  boolean answered() {
    return answered;
  }

  /** True once there was an answer or a failure. */
  boolean settled() {
    return settled;
  }

  @Override
  public boolean answered(List<ServiceEntry> entries, boolean restarted) {
    scope.contact().answered(name());
    List<Instance> read = new ArrayList<>(entries.size());
    Map<String, List<String>> found = new HashMap<>();
    for (ServiceEntry entry : entries) {
      Reading reading = InstanceReader.read(source, entry);
      if (reading.instance() != null) {
        read.add(reading.instance());
      }
      if (!reading.problems().isEmpty()) {
        found.put(entry.getService().getId(), reading.problems());
      }
    }
    report(found);
    read.sort(Comparator.comparing(Instance::key));
    boolean first = !answered;
    boolean wasAway = first && settled;
    answered = true;
    settled = true;
    answeredList = List.copyOf(read);
    return use(grace.apply(answeredList, restarted || wasAway, scope.nanos().getAsLong()), first);
  }

  @Override
  public void failed(Throwable cause) {
    scope.contact().failed(name(), cause);
    if (!settled) {
      settled = true;
      onResult.run();
    }
  }

  private boolean use(List<Instance> now, boolean first) {
    boolean changed = first || !now.equals(instances);
    instances = now;
    armGrace();
    if (changed) {
      onResult.run();
    }
    return changed;
  }

  /** Makes sure that workers which never came back go, though Consul has nothing new to say. */
  private void armGrace() {
    cancelGrace();
    long remaining = grace.remaining(scope.nanos().getAsLong());
    if (remaining > 0) {
      Context context = scope.context();
      graceTimer =
          context
              .owner()
              .setTimer(
                  remaining / 1_000_000 + 1,
                  id -> {
                    graceTimer = -1;
                    use(grace.apply(answeredList, false, scope.nanos().getAsLong()), false);
                  });
    }
  }

  private void cancelGrace() {
    if (graceTimer >= 0) {
      scope.context().owner().cancelTimer(graceTimer);
      graceTimer = -1;
    }
  }

  /** Each problem is said once, not with every answer that still has it. */
  private void report(Map<String, List<String>> found) {
    found.forEach(
        (id, lines) -> {
          List<String> known = problems.getOrDefault(id, List.of());
          for (String line : lines) {
            if (!known.contains(line)) {
              LOG.log(
                  Level.WARNING,
                  "Consul service {0}, instance {1}: {2}",
                  new Object[] {service, id, line});
            }
          }
        });
    problems.clear();
    problems.putAll(found);
  }

  private String name() {
    return "service " + service;
  }
}
