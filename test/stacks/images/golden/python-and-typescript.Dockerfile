# Written by flowyml. docker.build_args can name other images.
ARG BASE_IMAGE=python:3.11-slim
ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS node-packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && mkdir -p node_modules
RUN node -e "fs.copyFileSync(process.execPath, '/usr/local/node')"

FROM ${BASE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production

ENV PIP_NO_CACHE_DIR=1 PIP_BREAK_SYSTEM_PACKAGES=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY ["requirements.txt","./requirements.txt"]
COPY ["base.txt","./base.txt"]
RUN python3 -m pip install -r 'requirements.txt'

COPY --from=node-packages /usr/local/node /usr/local/bin/node
COPY --from=node-packages /app/node_modules ./node_modules

COPY . .
USER 1000:1000
