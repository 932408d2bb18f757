package dev.headrace.router.exchange;

import dev.headrace.router.admission.Priority;
import dev.headrace.router.balance.Demand;
import dev.headrace.router.dispatch.Explainer;
import dev.headrace.router.error.ErrorCode;
import dev.headrace.router.limit.LimitRefusal;
import dev.headrace.router.limit.Passage;
import dev.headrace.router.limit.RateLimits;
import dev.headrace.router.limit.Tenant;
import dev.headrace.router.limit.TokenEstimate;
import dev.headrace.router.limit.TokenEstimate.Ended;
import dev.headrace.router.sse.TokenUsage;
import dev.headrace.router.wire.ClientSide;
import dev.headrace.worker.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * One exchange before the limits of its API key: what it is expected to use, what it has used, and
 * the headers that tell its client what is left. Without limits it does nothing. Confined to one
 * event loop.
 */
final class LimitGate {
  private static final LimitGate OPEN = new LimitGate(null, Endpoint.CHAT);

  private final @Nullable Passage passage;
  private final Endpoint endpoint;
  private TokenEstimate expected = TokenEstimate.NONE;
  private boolean stream;

  private LimitGate(@Nullable Passage passage, Endpoint endpoint) {
    this.passage = passage;
    this.endpoint = endpoint;
  }

  /**
   * @param key name of the client's API key, or null
   */
  static LimitGate of(RateLimits limits, @Nullable String key, Endpoint endpoint) {
    Tenant tenant = limits.of(key);
    return tenant == null ? OPEN : new LimitGate(new Passage(tenant), endpoint);
  }

  /** A request comes in; null when it may. Whatever answer it gets has the headers. */
  @Nullable LimitRefusal enter(ClientSide client) {
    Passage passing = passage;
    if (passing == null) {
      return null;
    }
    boolean anthropic = endpoint.dialect() == Endpoint.Dialect.ANTHROPIC;
    client.beforeHead(() -> LimitHeaders.write(passing.tenant(), anthropic, client));
    return passing.enter();
  }

  /** Reserves what the request is expected to use; null when it may go on. */
  @Nullable LimitRefusal reserve(Route route, @Nullable Explainer explainer) {
    Passage passing = passage;
    if (passing == null) {
      return null;
    }
    stream = route.stream();
    expected = estimate(route, explainer);
    return passing.reserve(expected);
  }

  private TokenEstimate estimate(Route route, @Nullable Explainer explainer) {
    boolean prompt = takesPrompt();
    if (!prompt) {
      return TokenEstimate.NONE;
    }
    Demand demand =
        explainer == null
            ? Demand.TYPICAL
            : explainer.expect(
                route.pool().model(), route.scan().promptBytes(), route.scan().maxTokens());
    long output = generates() ? (long) Math.ceil(demand.outputTokens()) : 0;
    return new TokenEstimate((long) Math.ceil(demand.promptTokens()), output);
  }

  private boolean generates() {
    return switch (endpoint) {
      case CHAT, COMPLETIONS, RESPONSES, MESSAGES, GENERATE, GENERATE_STREAM -> true;
      default -> false;
    };
  }

  /** Tokenizers cost no tokens; what audio and images cost, only the worker can tell. */
  private boolean takesPrompt() {
    return switch (endpoint) {
      case EMBEDDINGS, RERANK, SCORE, MODERATIONS, POOLING, CLASSIFY -> true;
      default -> generates();
    };
  }

  /** The class that the key's requests have by default and at most, or null. */
  @Nullable Priority priority() {
    return passage == null ? null : passage.tenant().priority();
  }

  /**
   * The exchange is over.
   *
   * @param asked a worker had the request last
   * @param usage as the worker told it, or as far as it was seen
   */
  void leave(Outcome outcome, @Nullable ErrorCode code, boolean asked, TokenUsage usage) {
    if (passage != null) {
      passage.leave(
          expected.used(ended(outcome, code, asked), stream, usage.prompt(), usage.completion()));
    }
  }

  private static Ended ended(Outcome outcome, @Nullable ErrorCode code, boolean asked) {
    return switch (outcome) {
      case COMPLETED -> Ended.WHOLE;
      case CLIENT_GONE -> asked ? Ended.GIVEN_UP : Ended.UNSERVED;
      case TIMED_OUT -> asked && code == ErrorCode.TOTAL_TIMEOUT ? Ended.GIVEN_UP : Ended.UNSERVED;
      case WORKER_FAILED, REFUSED, SHUTDOWN -> Ended.UNSERVED;
    };
  }
}
