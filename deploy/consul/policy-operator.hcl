# Rights of a person who changes model settings and takes workers in and out of maintenance.
service "headrace-worker" {
  policy = "write"
}

node_prefix "" {
  policy = "read"
}

key_prefix "headrace/models/" {
  policy = "write"
}
