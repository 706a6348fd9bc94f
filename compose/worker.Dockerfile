# The workers of docker-compose.yml: the project in this folder, with the packages of its package-lock.json, flowyml among them.
# Yours to change: what steps need beside Node goes in here.
ARG NODE_IMAGE=node:20-slim
FROM ${NODE_IMAGE}
WORKDIR /app

ARG NODE_ENV=production
ENV NODE_ENV=${NODE_ENV}

COPY package.json package-lock.json .npmrc* ./
RUN npm ci --no-audit --no-fund

COPY . .
# Workers keep artifacts in a volume, which begins as this folder.
RUN mkdir -p node_modules/.cache .flowyml/artifacts && chown -R 1000:1000 node_modules/.cache .flowyml
# flowyml's own clone runs from its source.
RUN test -e node_modules/flowyml || { test -e bin/flowyml.mjs && ln -s .. node_modules/flowyml; } \
  || { echo 'flowyml is not among the dependencies of package.json: npm install flowyml' >&2; exit 1; }

USER 1000:1000
