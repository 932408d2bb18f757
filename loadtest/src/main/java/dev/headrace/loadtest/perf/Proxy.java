package dev.headrace.loadtest.perf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A proxy that is measured: how it is configured and started. Each gets what its own documentation
 * advises for event streams: no buffering, HTTP/1.1 with kept connections to the worker, no access
 * log, one thread.
 */
enum Proxy {
  NGINX("nginx") {
    @Override
    List<String> prepare(Path folder, ProxyPrograms programs, int port, int adminPort, int worker)
        throws IOException {
      Files.createDirectories(folder.resolve("temp"));
      Path file = folder.resolve("nginx.conf");
      Files.writeString(file, String.format(Locale.ROOT, NGINX_FORM, worker, port));
      return List.of(
          programs.nginx(), "-p", folder.toString(), "-c", file.toString(), "-e", "error.log");
    }
  },
  HAPROXY("HAProxy") {
    @Override
    List<String> prepare(Path folder, ProxyPrograms programs, int port, int adminPort, int worker)
        throws IOException {
      Path file = folder.resolve("haproxy.cfg");
      Files.writeString(file, String.format(Locale.ROOT, HAPROXY_FORM, port, worker));
      return List.of(programs.haproxy(), "-db", "-f", file.toString());
    }
  },
  HEADRACE("Headrace") {
    @Override
    List<String> prepare(Path folder, ProxyPrograms programs, int port, int adminPort, int worker)
        throws IOException {
      Path file = folder.resolve("headrace.yaml");
      Files.writeString(file, String.format(Locale.ROOT, HEADRACE_FORM, port, adminPort, worker));
      return List.of(programs.headrace(), "serve", "--config", file.toString());
    }
  };

  private static final String NGINX_FORM =
      """
      daemon off;
      pid nginx.pid;
      error_log error.log warn;
      worker_processes 1;
      events { worker_connections 4096; use epoll; }
      http {
        access_log off;
        client_body_temp_path temp/body;
        proxy_temp_path temp/proxy;
        fastcgi_temp_path temp/fastcgi;
        uwsgi_temp_path temp/uwsgi;
        scgi_temp_path temp/scgi;
        keepalive_requests 100000000;
        upstream worker {
          server 127.0.0.1:%d;
          keepalive 1024;
          keepalive_requests 100000000;
        }
        server {
          listen 127.0.0.1:%d backlog=1024;
          client_body_buffer_size 64k;
          location / {
            proxy_pass http://worker;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
            proxy_read_timeout 600s;
          }
        }
      }
      """;

  private static final String HAPROXY_FORM =
      """
      global
        maxconn 4000
        nbthread 1
      defaults
        mode http
        option http-keep-alive
        option http-no-delay
        http-reuse always
        timeout connect 5s
        timeout client 600s
        timeout server 600s
      frontend api
        bind 127.0.0.1:%d backlog 1024
        default_backend worker
      backend worker
        server worker 127.0.0.1:%d pool-max-conn -1
      """;

  private static final String HEADRACE_FORM =
      """
      listen: 127.0.0.1:%d
      admin: { listen: 127.0.0.1:%d }
      fleet:
        static:
          - { id: mock, url: "http://127.0.0.1:%d", engine: openai, models: [mock], max-concurrency: 4096 }
      """;

  private final String title;

  Proxy(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }

  /** The configuration as it is published: with a word for each port. */
  String form() {
    String form =
        switch (this) {
          case NGINX -> NGINX_FORM;
          case HAPROXY -> HAPROXY_FORM;
          case HEADRACE -> HEADRACE_FORM;
        };
    return form.replace("%d", "PORT");
  }

  /**
   * Writes the configuration.
   *
   * @return the command that starts it in the foreground
   */
  abstract List<String> prepare(
      Path folder, ProxyPrograms programs, int port, int adminPort, int worker) throws IOException;

  /** Starts it on one core; it listens soon after. */
  PinnedProcess start(
      Path work, ProxyPrograms programs, int port, int adminPort, int worker, int core) {
    try {
      Path folder = Files.createDirectories(work.resolve(title));
      List<String> command = new ArrayList<>(prepare(folder, programs, port, adminPort, worker));
      return PinnedProcess.start(title, command, core, folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
