package dev.headrace.router.fleet.consul;

import static org.assertj.core.api.Assertions.assertThat;

import dev.headrace.router.fleet.WorkerSpec;
import dev.headrace.worker.ServedModel;
import io.vertx.ext.consul.Check;
import io.vertx.ext.consul.CheckStatus;
import io.vertx.ext.consul.Node;
import io.vertx.ext.consul.Service;
import io.vertx.ext.consul.ServiceEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What stands in Consul, and what the router makes of it. */
class ServiceInstanceBecomesAWorkerTest {
  private final ServiceEntry entry =
      new ServiceEntry()
          .setNode(new Node().setName("n1").setAddress("10.1.1.1"))
          .setService(new Service().setId("w1").setName("llm").setAddress("10.2.2.2").setPort(8000))
          .setChecks(new ArrayList<>());

  @Test
  void allFactsOfTheContractAreRead() {
    WorkerSpec worker =
        worker(
            Map.of(
                "engine", "vllm",
                "models", "a, b",
                "models-2", "c",
                "models-3", "d,a",
                "models-5", "not reached",
                "scheme", "https",
                "path", "/base/",
                "weight", "2.5",
                "max-concurrency", "64",
                "zone", "z1"));
    assertThat(worker.key()).isEqualTo("consul/w1");
    assertThat(worker.address().url()).isEqualTo("https://10.2.2.2:8000/base");
    assertThat(worker.engine()).isEqualTo("vllm");
    assertThat(worker.models()).extracting(ServedModel::id).containsExactly("a", "b", "c", "d");
    assertThat(worker.weight()).isEqualTo(2.5);
    assertThat(worker.maxConcurrency()).isEqualTo(64);
    assertThat(worker.meta()).isEqualTo(Map.of("zone", "z1", "service", "llm", "node", "n1"));
  }

  @Test
  void withoutMetaTheWorkerIsAskedAndAnEmptyAddressIsTheNodes() {
    entry.getService().setAddress("");
    WorkerSpec worker = worker(Map.of());
    assertThat(worker.address().url()).isEqualTo("http://10.1.1.1:8000");
    assertThat(worker.engine()).isNull();
    assertThat(worker.models()).isNull();
    assertThat(worker.maxConcurrency()).isNull();
    assertThat(worker.weight()).isEqualTo(1);
  }

  @Test
  void whatMakesNoSenseIsNamedAndTheRestIsUsed() {
    entry
        .getService()
        .setMeta(
            Map.of(
                "engine", "gpt",
                "models", " , ",
                "scheme", "ftp",
                "path", "no slash",
                "weight", "-1",
                "max-concurrency", "many",
                "zone", "z1"));
    InstanceReader.Reading reading = InstanceReader.read("consul", entry);
    assertThat(reading.problems())
        .hasSize(6)
        .anySatisfy(line -> assertThat(line).contains("weight", "'-1'", "a number above 0"))
        .anySatisfy(line -> assertThat(line).contains("engine", "'gpt'", "llamacpp"));
    WorkerSpec worker = reading.instance().worker();
    assertThat(worker.address().url()).isEqualTo("http://10.2.2.2:8000");
    assertThat(worker.weight()).isEqualTo(1);
    assertThat(worker.engine()).isNull();
    assertThat(worker.meta()).containsEntry("zone", "z1");
  }

  @Test
  void anInstanceThatCannotBeAddressedIsLeftOut() {
    entry.getService().setPort(0);
    InstanceReader.Reading reading = InstanceReader.read("consul", entry);
    assertThat(reading.instance()).isNull();
    assertThat(reading.problems()).singleElement().asString().contains("port is 0");
  }

  @Test
  void passingAndWarningAreRoutableAndCriticalIsDown() {
    assertThat(checked(CheckStatus.PASSING, "serfHealth").down()).isFalse();
    assertThat(checked(CheckStatus.WARNING, "service:w1").down()).isFalse();
    assertThat(checked(CheckStatus.PASSING, "serfHealth").drain()).isFalse();
    assertThat(checked(CheckStatus.CRITICAL, "service:w1").down()).isTrue();
  }

  @Test
  void maintenanceIsADrainAndNotDown() {
    WorkerSpec worker = checked(CheckStatus.CRITICAL, "_service_maintenance:w1");
    assertThat(worker.drain()).isTrue();
    assertThat(worker.down()).isFalse();
    WorkerSpec both = checked(CheckStatus.CRITICAL, "service:w1");
    assertThat(both.drain()).isTrue();
    assertThat(both.down()).isTrue();
    entry.setChecks(new ArrayList<>());
    assertThat(checked(CheckStatus.CRITICAL, "_node_maintenance").drain()).isTrue();
  }

  @Test
  void anIdThatSeveralNodesUseIsToldApartByTheNode() {
    Instance one = new Instance("n1", worker(Map.of()));
    Instance two = new Instance("n2", worker(Map.of()));
    assertThat(Instance.workers(List.of(two, one)))
        .extracting(WorkerSpec::id)
        .containsExactly("w1@n1", "w1@n2");
    assertThat(Instance.workers(List.of(one))).extracting(WorkerSpec::id).containsExactly("w1");
  }

  private WorkerSpec checked(CheckStatus status, String id) {
    entry.getChecks().add(new Check().setId(id).setStatus(status));
    return worker(Map.of());
  }

  private WorkerSpec worker(Map<String, String> meta) {
    entry.getService().setMeta(meta);
    InstanceReader.Reading reading = InstanceReader.read("consul", entry);
    assertThat(reading.problems()).isEmpty();
    return reading.instance().worker();
  }
}
