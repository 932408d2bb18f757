/** The operator's side of a running router's admin port. */
package dev.headrace.app.admin;
