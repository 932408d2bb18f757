package dev.headrace.loadtest.perf;

/**
 * Where the programs are.
 *
 * @param headrace the launcher of Headrace, so that it is measured with the flags that users get
 */
record ProxyPrograms(String nginx, String haproxy, String headrace) {}
