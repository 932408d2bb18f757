package dev.headrace.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** URLs of workers are read as people write them, and what is no such URL is refused. */
class WorkerAddressTest {

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:8000, http://127.0.0.1:8000",
    "http://127.0.0.1:8000/, http://127.0.0.1:8000",
    "HTTP://worker, http://worker:80",
    "https://api.example.com, https://api.example.com:443",
    "https://api.example.com/v1, https://api.example.com:443",
    "https://api.example.com/v1/, https://api.example.com:443",
    "https://h/compatible-mode/v1, https://h:443/compatible-mode",
    "http://h:1/base//, http://h:1/base",
    "http://h:1/v11, http://h:1/v11",
    "http://[::1]:9000/x, http://[::1]:9000/x",
  })
  void a_url_has_one_normal_form_which_reads_back(String url, String normal) {
    WorkerAddress address = WorkerAddress.parse(url);

    assertThat(address.url()).isEqualTo(normal);
    assertThat(WorkerAddress.parse(address.url())).isEqualTo(address);
    assertThat(address.basePath()).doesNotEndWith("/");
  }

  @Test
  void an_ipv6_host_has_brackets_in_the_authority_only() {
    WorkerAddress address = WorkerAddress.parse("http://[::1]:9000");

    assertThat(address.host()).isEqualTo("::1");
    assertThat(address.authority()).isEqualTo("[::1]:9000");
  }

  @ParameterizedTest
  @CsvSource({
    "https://h, h",
    "https://h:80, h:80",
    "http://h, h",
    "http://h:443, h:443",
    "http://h:8000, h:8000",
    "https://[::1], [::1]",
    "http://[::1]:9000, [::1]:9000",
  })
  void the_host_header_names_a_port_only_when_it_is_not_the_schemes_own(String url, String header) {
    assertThat(WorkerAddress.parse(url).hostHeader()).isEqualTo(header);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "127.0.0.1:8000",
        "ftp://h",
        "http://",
        "http://user:secret@h",
        "http://h/?model=x",
        "http://h/#x",
        "http://h:65536",
        "http://h h"
      })
  void what_is_no_worker_url_is_refused_with_the_expectation(String url) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WorkerAddress.parse(url))
        .withMessageContaining("expected a URL");
  }
}
