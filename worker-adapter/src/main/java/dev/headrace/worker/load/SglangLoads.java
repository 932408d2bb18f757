package dev.headrace.worker.load;

import com.fasterxml.jackson.databind.JsonNode;
import dev.headrace.worker.LenientJson;

/**
 * SGLang's {@code /v1/loads} (since January 2026), which needs no flag: one entry per data-parallel
 * rank, and the only engine that tells how many prompt tokens wait.
 */
public final class SglangLoads implements LoadReader {

  public static final LoadReader INSTANCE = new SglangLoads();

  private SglangLoads() {}

  @Override
  public String path() {
    return "/v1/loads?include=core";
  }

  @Override
  public WorkerLoad read(String body, long readAtNanos) {
    LoadSum sum = new LoadSum();
    for (JsonNode rank : LenientJson.read(body).path("loads")) {
      sum.running(LenientJson.number(rank, "num_running_reqs"));
      sum.waiting(LenientJson.number(rank, "num_waiting_reqs"));
      sum.kvUsage(LenientJson.number(rank, "token_usage"));
      sum.slots(LenientJson.number(rank, "max_running_requests"));
      sum.kvTokens(LenientJson.number(rank, "max_total_num_tokens"));
      sum.waitingTokens(LenientJson.number(rank, "num_waiting_uncached_tokens"));
    }
    return sum.at(readAtNanos);
  }
}
