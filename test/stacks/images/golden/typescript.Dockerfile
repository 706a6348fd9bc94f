# Written by flowyml. docker.build_args can name other images.
ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS node-packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && mkdir -p node_modules

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production

COPY --from=node-packages /app/node_modules ./node_modules

COPY . .
USER 1000:1000
