package dev.headrace.router.fleet.consul;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** The rules of Consul's index. */
class QueryIndexTest {
  @Test
  void theFirstQueryDoesNotBlock() {
    assertThat(new QueryIndex().next()).isEqualTo(QueryIndex.NONE);
  }

  @Test
  void anIndexThatFellSendsTheNextQueryWithoutOne() {
    QueryIndex index = new QueryIndex();
    assertThat(index.answered(50)).isFalse();
    assertThat(index.answered(20)).isTrue();
    assertThat(index.next()).isEqualTo(QueryIndex.NONE);
    assertThat(index.answered(20)).isFalse();
    assertThat(index.next()).isEqualTo(20);
  }

  @Test
  void aFailureSendsTheNextQueryWithoutOneAndARestartIsStillNoticed() {
    QueryIndex index = new QueryIndex();
    index.answered(50);
    index.failed();
    assertThat(index.next()).isEqualTo(QueryIndex.NONE);
    assertThat(index.answered(3)).isTrue();
    assertThat(index.next()).isEqualTo(3);
  }

  @Property
  void aBlockingQueryNeverCarriesMoreThanTheLastAnswer(@ForAll List<Integer> answers) {
    QueryIndex index = new QueryIndex();
    for (int answer : answers) {
      index.answered(answer);
      assertThat(index.next()).isBetween(0L, Math.max(1L, answer));
    }
  }
}
