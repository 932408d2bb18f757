package dev.headrace.worker.agent;

import dev.headrace.worker.WorkerAddress;
import dev.headrace.worker.agent.Announcement.Status;
import dev.headrace.worker.agent.RegistrationException.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.ext.consul.Check;
import io.vertx.ext.consul.CheckOptions;
import io.vertx.ext.consul.CheckStatus;
import io.vertx.ext.consul.ConsulClient;
import io.vertx.ext.consul.ConsulClientOptions;
import io.vertx.ext.consul.MaintenanceOptions;
import io.vertx.ext.consul.ServiceOptions;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The worker as an instance of a Consul service with a TTL check: passing while the engine answers,
 * critical while it does not. Draining is Consul's maintenance mode, with the check still passing,
 * so that a router tells a worker that finishes from one that is broken.
 *
 * <p>Maintenance mode outlives an agent that was killed while draining. It is therefore ended on
 * the first registration when it carries this agent's reason; one that an operator switched on
 * stays.
 */
public final class ConsulRegistration implements Registration {
  private static final Logger LOG = Logger.getLogger(ConsulRegistration.class.getName());
  private static final String DRAIN_REASON = "draining: the worker's agent is stopping";
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Consul itself goes no lower than a minute. */
  private static final Duration FORGET_AFTER = Duration.ofMinutes(10);

  private static final Pattern ANSWER =
      Pattern.compile("Status message: '(.*?)'\\. Body: '(.*)'", Pattern.DOTALL);

  private final String target;
  private final String service;
  private final Duration ttl;
  private final ConsulClient client;
  private boolean maintenance;
  private boolean looked;
  private List<String> leftOut = List.of();

  /**
   * @param consul the agent's HTTP API
   * @param token an ACL token, or null
   * @param service the name under which routers look
   * @param ttl the check turns critical when nothing was heard for so long
   */
  public ConsulRegistration(
      Vertx vertx, WorkerAddress consul, @Nullable String token, String service, Duration ttl) {
    this.target = "Consul at " + consul.authority();
    this.service = service;
    this.ttl = ttl;
    ConsulClientOptions options = new ConsulClientOptions();
    options.setHost(consul.host()).setPort(consul.port()).setSsl(consul.tls());
    options.setConnectTimeout(2000);
    options.setTimeout(PATIENCE.toMillis());
    if (token != null) {
      options.setAclToken(token);
    }
    this.client = ConsulClient.create(vertx, options);
  }

  @Override
  public String target() {
    return target;
  }

  @Override
  public String place() {
    return target + " (service " + service + ")";
  }

  @Override
  public Duration ttl() {
    return ttl;
  }

  @Override
  public Future<Void> register(Announcement announcement) {
    ConsulMeta.Written written = ConsulMeta.of(announcement);
    if (!written.leftOut().equals(leftOut)) {
      leftOut = written.leftOut();
      LOG.log(Level.WARNING, "these models cannot be written into Consul''s meta: {0}", leftOut);
    }
    CheckOptions check =
        new CheckOptions()
            .setId(checkId(announcement.id()))
            .setName("engine answers")
            .setTtl(ttl.toMillis() + "ms")
            .setStatus(checkStatus(announcement))
            .setDeregisterAfter(FORGET_AFTER.toSeconds() + "s");
    ServiceOptions options =
        new ServiceOptions()
            .setId(announcement.id())
            .setName(service)
            .setAddress(announcement.address().host())
            .setPort(announcement.address().port())
            .setMeta(written.meta())
            .setCheckOptions(check);
    maintenance = false;
    return client
        .registerService(options)
        .recover(failure -> Future.failedFuture(refused(failure)))
        .compose(registered -> endOwnMaintenance(announcement))
        .compose(looked -> renew(announcement));
  }

  @Override
  public Future<Void> renew(Announcement announcement) {
    return drainOrNot(announcement)
        .compose(
            v ->
                client.updateCheckWithNote(
                    checkId(announcement.id()), checkStatus(announcement), note(announcement)))
        .recover(failure -> Future.failedFuture(lost(failure)));
  }

  @Override
  public Future<Void> remove(String id) {
    return client
        .deregisterService(id)
        .recover(
            failure ->
                fromConsul(failure) && !denied(failure)
                    ? Future.succeededFuture()
                    : Future.failedFuture(refused(failure)));
  }

  @Override
  public Future<Void> close() {
    client.close();
    return Future.succeededFuture();
  }

  private Future<Void> drainOrNot(Announcement announcement) {
    boolean wanted = announcement.status() == Status.DRAINING;
    if (wanted == maintenance) {
      return Future.succeededFuture();
    }
    return maintenance(announcement.id(), wanted).onSuccess(v -> maintenance = wanted);
  }

  private Future<Void> maintenance(String id, boolean on) {
    return client.maintenanceService(
        new MaintenanceOptions().setId(id).setEnable(on).setReason(DRAIN_REASON));
  }

  private Future<Void> endOwnMaintenance(Announcement announcement) {
    if (looked || announcement.status() == Status.DRAINING) {
      return Future.succeededFuture();
    }
    return client
        .localChecks()
        .compose(
            checks -> {
              looked = true;
              return checks.stream().anyMatch(check -> isOwnMaintenance(check, announcement.id()))
                  ? maintenance(announcement.id(), false)
                  : Future.<Void>succeededFuture();
            })
        .recover(failure -> Future.failedFuture(refused(failure)));
  }

  private static boolean isOwnMaintenance(Check check, String id) {
    return ("_service_maintenance:" + id).equals(check.getId())
        && DRAIN_REASON.equals(check.getNotes());
  }

  private static String checkId(String id) {
    return "service:" + id;
  }

  private static CheckStatus checkStatus(Announcement announcement) {
    return announcement.status() == Status.CRITICAL ? CheckStatus.CRITICAL : CheckStatus.PASSING;
  }

  private static String note(Announcement announcement) {
    return switch (announcement.status()) {
      case PASSING -> "answers";
      case CRITICAL -> announcement.reason();
      case DRAINING -> "draining";
    };
  }

  /** Whatever Consul has against an update of a check that we registered: it lost it. */
  private static Throwable lost(Throwable failure) {
    return fromConsul(failure) && !denied(failure)
        ? new RegistrationException(Kind.LOST, said(failure))
        : refused(failure);
  }

  private static Throwable refused(Throwable failure) {
    return fromConsul(failure) ? new RegistrationException(Kind.REFUSED, said(failure)) : failure;
  }

  /**
   * vertx-consul-client tells an answer of Consul from a failed connection only by the text of the
   * exception.
   */
  private static boolean fromConsul(Throwable failure) {
    return failure instanceof VertxException && message(failure).startsWith("Status message:");
  }

  /** Consul's own words out of the client's. */
  private static String said(Throwable failure) {
    Matcher matcher = ANSWER.matcher(message(failure));
    if (!matcher.matches()) {
      return message(failure);
    }
    String body = matcher.group(2).strip();
    return body.isEmpty() ? matcher.group(1) : body;
  }

  private static boolean denied(Throwable failure) {
    String message = message(failure);
    return message.contains("Permission denied") || message.contains("ACL not found");
  }

  private static String message(Throwable failure) {
    return String.valueOf(failure.getMessage());
  }
}
