# The images of this repository. Without --target it is the last one, which runs experiments:
#
#   docker build -t chaos-starter-pack .
#   docker build -t comments-api --target comments-api .
#
# Targets: chaos, comments-web, comments-api, comments-spamcheck, ecs-container-hog. All are Debian's C library, busybox and
# certificate authorities, and the program. Both base images must be of the same release of Debian.

ARG RUST_IMAGE=rust:1.95-slim-trixie
ARG RUNTIME_IMAGE=debian:trixie-slim

# ---- what programs are built with

FROM ${RUST_IMAGE} AS toolchain
ENV CARGO_TERM_COLOR=never CARGO_INCREMENTAL=0
WORKDIR /source

# The workspace without its code. What is copied from here is the same until a manifest changes.
FROM toolchain AS manifests
COPY . .
RUN tools/container/manifests.sh .

# The dependency layers, which take most of the time. Crates are downloaded to a cache, that they are in no layer.
FROM toolchain AS chaos-dependencies
COPY --from=manifests /source .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked -p chaos-starter-pack --lib

FROM toolchain AS comments-dependencies
COPY --from=manifests /source .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --locked -p comments-app --lib

# ---- the programs

# cargo goes by times, and those of a checkout may be older than the empty sources that the dependencies were built with
FROM chaos-dependencies AS chaos-build
COPY build.rs ./
COPY crates/aws crates/aws
COPY crates/companions crates/companions
COPY crates/engine crates/engine
COPY crates/load crates/load
COPY src src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find build.rs crates src -type f -exec touch {} + \
    && cargo build --release --locked -p chaos-starter-pack --features one-program --bin chaos-starter-pack \
    && mkdir -p /out/usr/local/bin \
    && cp target/release/chaos-starter-pack /out/usr/local/bin/ \
    && for program in chaos start-chaos submit-job; do ln -s chaos-starter-pack "/out/usr/local/bin/$program"; done

FROM comments-dependencies AS comments-build
COPY comments-app comments-app
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    find comments-app -type f -exec touch {} + \
    && cargo build --release --locked -p comments-app --bin comments-app \
    && mkdir -p /out/usr/local/bin \
    && cp target/release/comments-app /out/usr/local/bin/

# ---- what they run in

FROM ${RUNTIME_IMAGE} AS system
COPY tools/container/collect.sh /usr/local/bin/
RUN apt-get update -q && apt-get install -y -q --no-install-recommends busybox-static ca-certificates \
    && collect.sh /image busybox libc.so.6 libgcc_s.so.1 libm.so.6 \
    && cd /image \
    && mkdir -p -m 1777 tmp \
    && mkdir -p etc/ssl/certs \
    && cp /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ \
    && cp -L /etc/os-release etc/ \
    && echo 'hosts: files dns' > etc/nsswitch.conf \
    && echo 'chaos:x:10001:10001:chaos:/chaos:/bin/sh' > etc/passwd \
    && echo 'chaos:x:10001:' > etc/group \
    && busybox --install -s usr/bin

# Two experiments of the library make their fault with Terraform. Its version and the SHA-256 of its archive:
#   --build-arg TERRAFORM_VERSION=1.9.8 --build-arg TERRAFORM_SHA256_AMD64=… --build-arg TERRAFORM_SHA256_ARM64=…
FROM ${RUNTIME_IMAGE} AS terraform
ARG TERRAFORM_VERSION=
ARG TERRAFORM_SHA256_AMD64=
ARG TERRAFORM_SHA256_ARM64=
ARG TERRAFORM_RELEASES=https://releases.hashicorp.com/terraform
ARG TARGETARCH
COPY tools/container/terraform.sh /usr/local/bin/
RUN terraform.sh /out/usr/local/bin

FROM scratch AS base
COPY --from=system /image /
ENV PATH=/usr/local/bin:/usr/bin HOME=/tmp
USER 10001:10001
STOPSIGNAL SIGTERM

# ---- the images

FROM base AS comments
COPY --from=comments-build /out /
ENTRYPOINT ["comments-app"]

FROM comments AS comments-web
EXPOSE 3000
CMD ["web"]

FROM comments AS comments-api
EXPOSE 8080
CMD ["api"]

FROM comments AS comments-spamcheck
EXPOSE 8000
CMD ["spamcheck"]

FROM system AS hog-system
RUN apt-get update -q && apt-get install -y -q --no-install-recommends stress-ng && collect.sh /image stress-ng

FROM base AS ecs-container-hog
COPY --from=hog-system /image /
COPY tools/ecs-container-hog/hog.sh /usr/local/bin/ecs-container-hog
WORKDIR /tmp
ENTRYPOINT ["ecs-container-hog"]

FROM base AS chaos
LABEL org.opencontainers.image.title="chaos-starter-pack" \
      org.opencontainers.image.description="Runs chaos engineering experiments on AWS" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=terraform /out /
COPY --from=chaos-build /out /
# a run writes its journal beside its experiment
COPY --chown=10001:10001 library /chaos/library
COPY --chown=10001:10001 my-experiments /chaos/my-experiments
ENV HOME=/chaos
WORKDIR /chaos
ENTRYPOINT ["start-chaos"]
