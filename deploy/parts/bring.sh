# Sourced by get-parts and prepare-sdks: where parts are kept, and how one after the other is brought.
#
# What happens is told on standard error; why a part is missing stands in <parts>/<name>.missing, too, where the suites
# that need it read it.
parts_dir=${HEADRACE_PARTS:-${XDG_CACHE_HOME:-$HOME/.cache}/headrace/parts}
mkdir -p "$parts_dir/bin" || exit 1
script=$(basename "$0")
why=

say() { printf '%s: %s\n' "$script" "$*" >&2; }
miss() {
  why=$*
  say "$why"
}

# alone ARGUMENT... : goes on with nobody else at work in the folder, and for ten minutes at most. It starts the script
# again under timeout, so that whoever ends the script ends what it started, too.
alone() {
  [ -z "${HEADRACE_PARTS_ALONE:-}" ] || return 0
  if command -v flock >/dev/null; then
    exec 9>"$parts_dir/lock"
    if ! flock -n 9; then
      say "another run fetches parts; waiting for it"
      flock -w 600 9 || { miss "another run has fetched parts for ten minutes"; exit 1; }
    fi
  fi
  command -v timeout >/dev/null || return 0
  HEADRACE_PARTS_ALONE=1 exec timeout -k 10 600 "$0" "$@"
}

# bring NAME... : calls get_NAME for each. Exit code 0: all there.
bring() {
  local name status=0
  for name in "$@"; do
    if ! declare -F "get_$name" >/dev/null; then
      miss "there is no part '$name'"
      status=1
      continue
    fi
    printf 'fetching it did not end within ten minutes, or was stopped\n' >"$parts_dir/$name.missing"
    if "get_$name"; then
      rm -f "$parts_dir/$name.missing"
      say "$name is there"
    else
      printf '%s\n' "$why" >"$parts_dir/$name.missing"
      status=1
    fi
  done
  return $status
}
