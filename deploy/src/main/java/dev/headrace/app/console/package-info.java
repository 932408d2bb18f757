/** How the command line writes to people: tables, colours on terminals, plain text elsewhere. */
package dev.headrace.app.console;
