# A llama-server that Consul itself watches: no agent of Headrace beside it.
# Put it into Consul's configuration folder on the machine of the engine, then `consul reload`.
service {
  name = "headrace-worker"
  id   = "llama-gpu-1"      # the worker's id; unique on this node
  port = 8080
  # address: left out, so routers use this node's address

  # Every key is optional. Without engine and models, routers ask the worker.
  meta = {
    engine          = "llamacpp"
    models          = "llama-8b"
    max-concurrency = "4" # llama-server's -np
    zone            = "a"
  }

  # 503 while the model loads: not passing. llama-server answers 200 once it takes requests.
  check {
    id                                = "service:llama-gpu-1"
    name                              = "llama-server answers"
    http                              = "http://127.0.0.1:8080/health"
    interval                          = "2s"
    timeout                           = "1s"
    deregister_critical_service_after = "24h"
  }
}
