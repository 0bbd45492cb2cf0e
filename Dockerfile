# One image with one binary. The build is the same as on a bare machine: cargo, a C compiler and Node, nothing else.
# Needs BuildKit (the default of Docker since version 23) for the cache mounts.

FROM node:22-bookworm-slim AS node

FROM rust:1.95-slim-bookworm AS build
# gcc comes with the image; libpq and SQLite are compiled from source by the cc crate, which needs no make.
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY --from=node /usr/local/lib/node_modules/npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
ENV npm_config_cache=/npm
WORKDIR /src
COPY . .
# The caches are not part of the image, so the binary is copied out of them in the same step.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/npm \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked --package dutyboard \
 && cp target/release/dutyboard /usr/local/bin/dutyboard

FROM debian:bookworm-slim
# Certificate authorities and time zones are inside the binary. A fixed number lets the host own a bind-mounted folder.
RUN groupadd --system --gid 10001 dutyboard \
 && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin dutyboard \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /usr/local/bin/dutyboard /usr/local/bin/dutyboard
ENV DUTYBOARD_LISTEN=0.0.0.0:8080 \
    DUTYBOARD_DATA=/data
VOLUME ["/data"]
EXPOSE 8080
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s --retries=3 CMD ["dutyboard", "health"]
ENTRYPOINT ["dutyboard"]
CMD ["serve"]
