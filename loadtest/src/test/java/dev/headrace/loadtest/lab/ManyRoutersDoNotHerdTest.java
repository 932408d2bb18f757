package dev.headrace.loadtest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Up to sixteen routers that know nothing of each other, before one fleet. */
final class ManyRoutersDoNotHerdTest {
  private static final long SEED = 7;

  @Test
  void leastLoadStaysBetterThanCountingAndSpreadsEvenly() {
    RouterRows rows = RouterRows.run(15_000, SEED, Laboratory.DEFAULT_CHUNK);
    System.out.println("seed " + SEED + "\n" + String.join("\n", rows.table()));
    assertThat(rows.rows())
        .extracting(RouterRows.Row::routers)
        .isEqualTo(RouterRows.ROUTERS)
        .startsWith(1)
        .endsWith(16);
    assertThat(rows.rows())
        .allSatisfy(
            row -> {
              assertThat(row.leastLoad()).isLessThan(row.leastRequests());
              assertThat(row.leastLoad()).isLessThan(2.5 * row.oracle());
              assertThat(row.maxOverMean()).isLessThan(1.25);
            });
    assertThat(rows.section()).contains("<td>16<td>");
  }
}
