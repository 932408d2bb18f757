# A vLLM server with adapters, behind TLS and a path, that Consul itself watches.
service {
  name    = "headrace-worker"
  id      = "vllm-a100-1"
  address = "10.0.0.21"
  port    = 443

  meta = {
    engine          = "vllm"
    models          = "llama-70b,llama-70b-legal,llama-70b-medical" # beyond 512 bytes go on in models-2, models-3 …
    scheme          = "https"
    path            = "/vllm"
    weight          = "2.5" # beside a worker of weight 1 it gets two and a half times as much
    max-concurrency = "256"
  }

  check {
    id       = "service:vllm-a100-1"
    name     = "vLLM answers"
    http     = "https://10.0.0.21/vllm/health"
    interval = "2s"
    timeout  = "1s"
  }
}
