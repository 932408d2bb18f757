# Least rights of `headrace worker`: it registers, checks, drains and deregisters its own instance.
# Give each machine a token of its own; name the service if yours is another.
service "headrace-worker" {
  policy = "write"
}
