package dev.headrace.router.balance;

import dev.headrace.worker.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Who asks what: requests of the same origin tend to be answered at the same length.
 *
 * @param model the fleet's own name
 * @param endpoint null: all endpoints of the model
 * @param tenant name of the client's API key; null: all clients
 */
public record Origin(String model, @Nullable Endpoint endpoint, @Nullable String tenant) {

  /** All requests to a model. */
  public static Origin of(String model) {
    return new Origin(model, null, null);
  }

  Origin withoutTenant() {
    return tenant == null ? this : new Origin(model, endpoint, null);
  }
}
