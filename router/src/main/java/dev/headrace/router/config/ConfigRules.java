package dev.headrace.router.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What must hold between keys. Each rule looks only at what is there and readable, so that all
 * mistakes come out in one pass, whatever else is wrong.
 */
final class ConfigRules {
  private final Node.Mapping root;
  private final Reading reading;

  private ConfigRules(Node.Mapping root, Reading reading) {
    this.root = root;
    this.reading = reading;
  }

  /** Runs after the tree was read by the schema with the same {@code reading}. */
  static void check(Node.Mapping root, Reading reading) {
    ConfigRules rules = new ConfigRules(root, reading);
    rules.credentialsBeyondLoopback();
    rules.twoPorts();
    Map<String, Node.Text> ids = rules.staticIds();
    rules.aliases();
    rules.weightsOfKnownWorkers(ids);
    rules.totalTimeouts();
    rules.limitsOfKeys();
  }

  private void credentialsBeyondLoopback() {
    if (Boolean.TRUE.equals(reading.value("insecure", Boolean.class))) {
      return;
    }
    Node keys = at("auth", "keys-file");
    if (isBlank(keys)) {
      beyondLoopback("listen", "API keys", "auth.keys-file");
    }
    if (isBlank(at("admin", "token"))) {
      beyondLoopback("admin.listen", "a token", "admin.token");
    }
  }

  private void beyondLoopback(String path, String what, String key) {
    InetSocketAddress address = reading.value(path, InetSocketAddress.class);
    if (address != null && !Addresses.isLoopback(address)) {
      Node node = at(path.split("\\.", -1));
      reading.problem(
          path,
          node == null ? Origin.DEFAULT : node.origin(),
          Addresses.show(address),
          "is reachable from other machines without "
              + what
              + ": set "
              + key
              + ", listen on 127.0.0.1, or allow it with --insecure",
          null);
    }
  }

  private void twoPorts() {
    InetSocketAddress data = reading.value("listen", InetSocketAddress.class);
    InetSocketAddress admin = reading.value("admin.listen", InetSocketAddress.class);
    if (data == null || admin == null || data.getPort() == 0) {
      return;
    }
    boolean sameHost =
        data.getHostString().equals(admin.getHostString()) || isAny(data) || isAny(admin);
    if (sameHost && data.getPort() == admin.getPort()) {
      Node node = at("admin", "listen");
      reading.problem(
          "admin.listen",
          node == null ? Origin.DEFAULT : node.origin(),
          Addresses.show(admin),
          "is the address of the data port (listen), too; expected another port",
          null);
    }
  }

  private static boolean isAny(InetSocketAddress address) {
    return address.getHostString().equals("0.0.0.0") || address.getHostString().equals("::");
  }

  private Map<String, Node.Text> staticIds() {
    Map<String, Node.Text> ids = new LinkedHashMap<>();
    List<Node> workers = items(at("fleet", "static"));
    for (int i = 0; i < workers.size(); i++) {
      if (workers.get(i) instanceof Node.Mapping worker
          && worker.get("id") instanceof Node.Text id) {
        Node.Text first = ids.putIfAbsent(id.value(), id);
        if (first != null) {
          reading.problem(
              ConfigPath.item("fleet.static", i) + ".id",
              id.origin(),
              ConfigPath.printable(id.written()),
              "is the id of another worker, too (" + first.origin() + "); expected a unique one",
              null);
        }
      }
    }
    return ids;
  }

  private void aliases() {
    if (!(at("models") instanceof Node.Mapping models)) {
      return;
    }
    Map<String, String> owners = new HashMap<>();
    models
        .entries()
        .forEach(
            (model, entry) -> {
              List<Node> aliases =
                  entry.value() instanceof Node.Mapping m ? items(m.get("aliases")) : List.of();
              for (int i = 0; i < aliases.size(); i++) {
                if (aliases.get(i) instanceof Node.Text alias) {
                  String path = ConfigPath.item(ConfigPath.child("models", model) + ".aliases", i);
                  alias(models, owners, model, alias, path);
                }
              }
            });
  }

  private void alias(
      Node.Mapping models, Map<String, String> owners, String model, Node.Text alias, String path) {
    String name = alias.value();
    String owner = owners.putIfAbsent(name, model);
    String wrong = null;
    if (name.equals(model)) {
      wrong = "is the model's own name; an alias is another name";
    } else if (owner != null && owner.equals(model)) {
      wrong = "is in the list twice";
    } else if (owner != null) {
      wrong = "names two models: it is an alias of '" + owner + "', too";
    } else if (models.get(name) instanceof Node.Mapping other
        && !items(other.get("aliases")).isEmpty()) {
      boolean loop =
          items(other.get("aliases")).stream()
              .anyMatch(item -> item instanceof Node.Text text && text.value().equals(model));
      wrong =
          loop
              ? "makes a loop: '" + model + "' is an alias of '" + name + "' in turn"
              : "is a model with aliases of its own; an alias leads to a model, not to another alias";
    } else if (servedBy(name) != null) {
      wrong = "has no effect: worker '" + servedBy(name) + "' serves a model of that name";
    }
    if (wrong != null) {
      reading.problem(path, alias.origin(), ConfigPath.printable(alias.written()), wrong, null);
    }
  }

  private @Nullable String servedBy(String model) {
    for (Node node : items(at("fleet", "static"))) {
      if (node instanceof Node.Mapping worker
          && worker.get("id") instanceof Node.Text id
          && items(worker.get("models")).stream()
              .anyMatch(item -> item instanceof Node.Text text && text.value().equals(model))) {
        return id.value();
      }
    }
    return null;
  }

  /** Only a fleet that is static alone has all its workers in the file. */
  private void weightsOfKnownWorkers(Map<String, Node.Text> ids) {
    if (ids.isEmpty() || at("fleet", "embedded") != null || at("fleet", "consul") != null) {
      return;
    }
    if (!(at("models") instanceof Node.Mapping models)) {
      return;
    }
    models
        .entries()
        .forEach(
            (model, entry) -> {
              if (entry.value() instanceof Node.Mapping m
                  && m.get("weights") instanceof Node.Mapping weights) {
                String path = ConfigPath.child("models", model) + ".weights";
                weights
                    .entries()
                    .forEach((id, weight) -> knownWorker(path, id, weight.origin(), ids.keySet()));
              }
            });
  }

  private void knownWorker(String path, String id, Origin origin, Collection<String> ids) {
    if (!ids.contains(id)) {
      reading.problem(
          ConfigPath.child(path, id),
          origin,
          null,
          "is no worker of fleet.static; expected one of " + String.join(", ", ids),
          Guess.among(id, ids));
    }
  }

  private void limitsOfKeys() {
    if (at("rate-limits", "keys") instanceof Node.Mapping keys
        && !keys.entries().isEmpty()
        && isBlank(at("auth", "keys-file"))) {
      reading.problem(
          "rate-limits.keys",
          keys.origin(),
          null,
          "has no effect: no API key is asked for; expected auth.keys-file, or rate-limits.default"
              + " for all clients together",
          null);
    }
  }

  private void totalTimeouts() {
    atLeast("defaults.total-timeout", "defaults.first-token-timeout", at("defaults"));
    if (at("models") instanceof Node.Mapping models) {
      models
          .entries()
          .forEach(
              (model, entry) -> {
                String path = ConfigPath.child("models", model);
                atLeast(path + ".total-timeout", path + ".first-token-timeout", entry.value());
              });
    }
  }

  private void atLeast(String totalPath, String firstPath, @Nullable Node section) {
    Duration total = reading.value(totalPath, Duration.class);
    Duration first = reading.value(firstPath, Duration.class);
    if (first == null) {
      first = reading.value("defaults.first-token-timeout", Duration.class);
    }
    if (total != null
        && first != null
        && total.compareTo(first) < 0
        && section instanceof Node.Mapping mapping) {
      Node node = mapping.get("total-timeout");
      reading.problem(
          totalPath,
          node == null ? mapping.origin() : node.origin(),
          Quantities.show(total),
          "is shorter than the first-token-timeout (" + Quantities.show(first) + ")",
          null);
    }
  }

  private @Nullable Node at(String... path) {
    Node node = root;
    for (String key : path) {
      node = node instanceof Node.Mapping mapping ? mapping.get(key) : null;
    }
    return node;
  }

  private static boolean isBlank(@Nullable Node node) {
    return node == null || (node instanceof Node.Text text && text.value().isEmpty());
  }

  private static List<Node> items(@Nullable Node node) {
    return node instanceof Node.Sequence sequence ? sequence.items() : List.of();
  }
}
