package dev.headrace.router.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Route;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Only the probes answer without the token, and what there is stands in the description. */
final class EveryRouteNeedsTheTokenTest {
  private static final Set<String> OPEN = Set.of("GET /health", "GET /healthz", "GET /readyz");

  private final AdminRig rig = new AdminRig("correct horse");

  @AfterEach
  void close() {
    rig.close();
  }

  private List<String> routes() {
    return rig.server.api().router().getRoutes().stream()
        .flatMap(route -> route.methods().stream().map(method -> name(route, method)))
        .toList();
  }

  private static String name(Route route, HttpMethod method) {
    String path = route.getName() == null ? route.getPath() : route.getName();
    return method.name() + " " + path.replaceAll(":(\\w+)", "{$1}");
  }

  @Test
  void everyRouteRefusesACallWithoutTheTokenAndOnlyProbesAreOpen() {
    List<String> routes = routes();
    assertThat(routes).hasSizeGreaterThan(15).containsAll(OPEN);
    for (String route : routes) {
      String method = route.split(" ")[0];
      String path = route.split(" ")[1].replace("{id}", "x");
      for (String authorization :
          new String[] {
            null, "", "Bearer", "Bearer ", "Bearer wrong", "Basic correct horse", "correct horse"
          }) {
        AdminRig.Answer answer =
            rig.call(method, path, method.equals("GET") ? null : "{}", authorization);
        if (OPEN.contains(route)) {
          assertThat(answer.status()).as(route).isEqualTo(200);
        } else {
          assertThat(answer.status()).as(route + " with " + authorization).isEqualTo(401);
          assertThat(answer.error().getString("code")).isEqualTo("invalid_api_key");
          assertThat(answer.text()).doesNotContain("correct horse");
        }
      }
      assertThat(rig.call(method, path, method.equals("GET") ? null : "{}").status())
          .as(route)
          .isNotEqualTo(401);
    }
  }

  @Test
  void noSpellingOfAPathLeadsAroundTheToken() {
    for (String path :
        List.of(
            "//admin/v1/workers",
            "/admin//v1/workers",
            "/admin/v1/../v1/workers",
            "/x/../admin/v1/config",
            "/admin/v1/workers/",
            "/ADMIN/V1/WORKERS",
            "/admin/v1/%63onfig",
            "/admin/v1/workers;a=b",
            "/admin%2fv1%2fworkers",
            "/health/../admin/v1/config",
            "/readyz/..;/metrics")) {
      AdminRig.Answer answer = rig.call("GET", path, null, null);
      assertThat(answer.status()).as(path).isIn(400, 401, 404);
    }
  }

  @Test
  void theDescriptionNamesEveryRouteAndNoOther() {
    JsonObject paths = rig.call("GET", "/admin/openapi.json", null).json().getJsonObject("paths");
    Set<String> described = new TreeSet<>();
    for (String path : paths.fieldNames()) {
      for (String method : paths.getJsonObject(path).fieldNames()) {
        described.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path);
      }
    }
    assertThat(described).containsExactlyInAnyOrderElementsOf(routes());
  }

  @Test
  void everySchemaThatTheDescriptionRefersToIsThere() {
    JsonObject description = rig.call("GET", "/admin/openapi.json", null).json();
    Set<String> schemas =
        description.getJsonObject("components").getJsonObject("schemas").fieldNames();
    java.util.regex.Matcher matcher =
        java.util.regex.Pattern.compile("#/components/schemas/(\\w+)")
            .matcher(description.encode());
    Set<String> used = new TreeSet<>();
    while (matcher.find()) {
      used.add(matcher.group(1));
    }
    assertThat(used).isNotEmpty().isSubsetOf(schemas);
  }
}
