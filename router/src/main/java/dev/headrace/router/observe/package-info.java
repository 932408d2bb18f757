/** What the router tells about its work: meters and the access log. */
package dev.headrace.router.observe;
