# Written by flowyml. docker.build_args can name other images.
ARG BASE_IMAGE=python:3.12-slim
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
ENV UV_PROJECT_ENVIRONMENT=/opt/venv VIRTUAL_ENV=/opt/venv UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1
RUN python3 -m pip install uv
COPY pyproject.toml uv.lock ./
RUN python3 -m uv sync --frozen --no-dev --no-install-project
ENV PATH=/opt/venv/bin:$PATH

RUN printf '%s\n' 'six' > /tmp/more.txt && uv pip install -r /tmp/more.txt && rm /tmp/more.txt

COPY --from=node-packages /usr/local/node /usr/local/bin/node
COPY --from=node-packages /app/node_modules ./node_modules

COPY . .
USER 1000:1000
