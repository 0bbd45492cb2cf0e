# What the parts need, installed where it is missing. Sourced by tests/run.

# Whether one of the chosen parts is among the given ones.
chosen() {
  local part
  for part in "${CHOSEN[@]}"; do [[ " $* " == *" $part "* ]] && return; done
  return 1
}

needs() {
  local CHOSEN=("$@") packages=() tool
  command -v cargo >/dev/null || { echo "Rust is missing: install it with rustup (stable), then run tests/run again." >&2; exit 1; }
  for tool in rustfmt clippy; do
    chosen "${tool/rust/}" || continue
    cargo "${tool/rust/}" --version >/dev/null 2>&1 || rustup component add "$tool" ||
      { echo "cargo ${tool/rust/} is missing: rustup component add $tool" >&2; exit 1; }
  done
  # The build of the server builds the web app, so nearly every part needs Node.
  node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null &&
    command -v npm >/dev/null || { echo "Node.js 20.19 or newer with npm is missing: install it, then run tests/run again." >&2; exit 1; }

  if chosen e2e; then
    [ -x "$CHROMIUM" ] || packages+=(chromium)
    [ -n "$(fc-list 2>/dev/null :lang=zh family)" ] || packages+=(fonts-noto-cjk fontconfig)
  fi
  # Old Chromium comes from npm, the libraries it needs from the new one's package.
  if chosen old; then [ -x /usr/bin/chromium ] || packages+=(chromium); fi
  if chosen webkit; then
    command -v WebKitWebDriver >/dev/null || packages+=(webkit2gtk-driver)
    command -v xvfb-run >/dev/null || packages+=(xvfb xauth)
  fi
  if chosen unit fuzz conformance && [ -z "${DUTYBOARD_TEST_PG:-}" ]; then
    compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || packages+=(postgresql)
    command -v psql >/dev/null || packages+=(postgresql-client)
  fi
  if chosen schemathesis; then
    python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
    command -v curl >/dev/null || packages+=(curl)
  fi
  [ ${#packages[@]} -gt 0 ] || return 0

  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "These packages are missing (Debian's names): apt-get install ${packages[*]}" >&2
    exit 1
  fi
  echo "== installing ${packages[*]}"
  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${packages[@]}" || exit 1
}
