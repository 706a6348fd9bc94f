# An image that can run steps: Node, the project in its working directory, and flowyml among its packages.
ARG NODE_IMAGE=node:20-slim

FROM ${NODE_IMAGE} AS flowyml
WORKDIR /flowyml
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts
COPY . .

FROM ${NODE_IMAGE}
COPY --from=flowyml /flowyml /flowyml
WORKDIR /app
COPY examples/17-containers .
# In a project of yours `npm ci` does this.
RUN mkdir node_modules && ln -s /flowyml node_modules/flowyml && ln -s /flowyml/node_modules/zod node_modules/zod
