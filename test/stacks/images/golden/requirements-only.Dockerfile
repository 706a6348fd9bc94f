# Written by flowyml. docker.build_args can name other images.
ARG BASE_IMAGE=python:3.11-slim

FROM ${BASE_IMAGE}
WORKDIR /app

ENV PIP_NO_CACHE_DIR=1 PIP_BREAK_SYSTEM_PACKAGES=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN printf '%s\n' 'tensorflow>=2.12.0' 'pandas>=2.0.0' > /tmp/more.txt && python3 -m pip install -r /tmp/more.txt && rm /tmp/more.txt

COPY . .
USER 1000:1000
