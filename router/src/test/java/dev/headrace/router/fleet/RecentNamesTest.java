package dev.headrace.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A name counts while it is there and for a while after, in bounded memory. */
final class RecentNamesTest {
  private final RecentNames names = new RecentNames();

  @Test
  void aNameCountsForAWhileAfterItWent() {
    names.follow(Set.of("a", "b"), 0);
    names.follow(Set.of("a"), 100);
    assertThat(names.known(100 + RecentNames.KEPT_NANOS)).containsExactlyInAnyOrder("a", "b");
    assertThat(names.known(101 + RecentNames.KEPT_NANOS)).containsExactly("a");
  }

  @Test
  void aNameThatCameBackIsThereHoweverLongAgoItWent() {
    names.follow(Set.of("a"), 0);
    names.follow(Set.of(), 0);
    names.follow(Set.of("a"), 1);
    assertThat(names.known(2 * RecentNames.KEPT_NANOS)).containsExactly("a");
  }

  @Test
  void onlyTheLastOfManyThatWentCount() {
    boolean many = false;
    for (int i = 0; i < 10; i++) {
      int batch = i;
      assertThat(many).isFalse();
      many =
          names.follow(
              IntStream.range(0, 500).mapToObj(n -> batch + "-" + n).collect(Collectors.toSet()),
              i);
    }
    assertThat(many).isTrue();
    assertThat(names.known(10)).hasSize(500 + RecentNames.MOST_GONE).contains("9-0", "8-0");
    assertThat(names.known(10)).noneMatch(name -> name.startsWith("0-"));
  }
}
