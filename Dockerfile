# syntax=docker/dockerfile:1
# docker build --target cpu -t covidlab .          (or --target gpu, for NVIDIA GPUs; docs/deployment.md says how to run it)
# The Python that the tests run on. Another one: --build-arg PYTHON_IMAGE=...
ARG PYTHON_IMAGE=python:3.11.14-slim-bookworm

FROM ${PYTHON_IMAGE} AS packages-cpu
RUN python -m venv --without-pip /opt/venv
COPY requirements.lock /tmp/
# Where packages come through a mirror or a proxy, "pip" is its pip.conf and "ca" its certificates; neither stays in the image.
# Taken out again: the headers of TensorFlow and the library of Clang (0.5 GB), which only compilers need.
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python -m pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r /tmp/requirements.lock \
    && rm -r /opt/venv/lib/python*/site-packages/tensorflow/include /opt/venv/lib/python*/site-packages/clang/native

# The same and the CUDA libraries; of the host only the driver is used.
FROM packages-cpu AS packages-gpu
COPY requirements-gpu.lock /tmp/
RUN --mount=type=secret,id=pip,target=/etc/pip.conf \
    --mount=type=secret,id=ca,target=/etc/ssl/certs/ca-certificates.crt \
    python -m pip --python /opt/venv/bin/python install --no-cache-dir --require-hashes -r /tmp/requirements-gpu.lock

FROM ${PYTHON_IMAGE} AS base
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="covidlab" \
      org.opencontainers.image.description="What VGG16 can, and cannot, learn from fifty chest X-rays. Not for diagnosis." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
RUN groupadd --system --gid 10001 covidlab \
    && useradd --system --uid 10001 --gid covidlab --home-dir /data --no-create-home --shell /usr/sbin/nologin covidlab \
    && install --directory --owner covidlab --group covidlab --mode 0700 /data
# Whatever is written goes to /data (a volume) or to /tmp (in memory): the rest of the file system may be read-only.
# PIP_PYTHON: an image made from this one adds packages to the same environment.
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    TMPDIR=/tmp \
    COVIDLAB_HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIP_PYTHON=/opt/venv/bin/python \
    STREAMLIT_SERVER_ADDRESS=0.0.0.0 \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost \
    STREAMLIT_SERVER_PORT=8501
WORKDIR /app
VOLUME /data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 CMD ["python", "-S", "docker/health.py"]
CMD ["python", "-m", "streamlit", "run", "app.py"]

FROM base AS gpu
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
COPY --from=packages-gpu /opt/venv /opt/venv
COPY . .
# Readable for the user below, however strict the umask of the checkout was; compiled once here, since nothing can be kept while it runs.
RUN find . ! -perm -444 -exec chmod a+rX {} + && python -m compileall -q covidlab pages app.py
USER 10001:10001

# Last, so that it is what `docker build` makes without a target.
FROM base AS cpu
COPY --from=packages-cpu /opt/venv /opt/venv
COPY . .
RUN find . ! -perm -444 -exec chmod a+rX {} + && python -m compileall -q covidlab pages app.py
USER 10001:10001
