# Least rights of `headrace serve`: it reads the workers, where they are, and the model settings.
service "headrace-worker" {
  policy = "read"
}

# Addresses of nodes and node-wide checks; without it Consul hides every instance.
node_prefix "" {
  policy = "read"
}

key_prefix "headrace/models/" {
  policy = "read"
}
