import type { NodePackages } from './node-project.ts';
import type { PythonPackages } from './python-project.ts';

/** What a generated Dockerfile is made of. */
export interface Recipe {
  baseImage: string;
  /** Where Node comes from. */
  nodeImage: string;
  /** Whether the base image has Node by itself. */
  baseHasNode: boolean;
  python?: PythonPackages | undefined;
  node?: NodePackages | undefined;
  /** Lines of a requirements file, installed on top. */
  requirements?: readonly string[] | undefined;
}

const NODE_STAGE = 'node-packages';

/**
 * A Dockerfile in which what changes seldom comes first: packages are installed again only when their lock files change,
 * the project's own files are the last layer.
 */
export function generateDockerfile(recipe: Recipe): string {
  const { baseImage, nodeImage, baseHasNode, python, node, requirements } = recipe;
  const argument = (name: string, image: string) => `ARG ${name}=${image}`;
  const images = [
    ...(baseHasNode ? [] : [argument('BASE_IMAGE', baseImage)]),
    ...(node || baseHasNode ? [argument('NODE_IMAGE', nodeImage)] : []),
  ];
  const sections = [
    `# Written by flowyml. docker.build_args can name other images.\n${images.join('\n')}`,
    node && nodeStage(node, baseHasNode),
    `FROM \${${baseHasNode ? 'NODE_IMAGE' : 'BASE_IMAGE'}}\nWORKDIR /app${node ? '\nENV NODE_ENV=production' : ''}`,
    python && pythonPackages(python),
    requirements?.length && requirementsLayer(requirements, python),
    node && nodeLayer(baseHasNode),
    'COPY . .\nUSER 1000:1000',
  ];
  return `${sections.filter(Boolean).join('\n\n')}\n`;
}

function nodeStage({ files, variables }: NodePackages, baseHasNode: boolean): string {
  const lines = [
    `FROM \${NODE_IMAGE} AS ${NODE_STAGE}`,
    'WORKDIR /app',
    ...variables.map((name) => `ARG ${name}`),
    'COPY package.json package-lock.json ./',
    ...files.map(copy),
    // Without packages npm makes no folder.
    'RUN npm ci --omit=dev --no-audit --no-fund && mkdir -p node_modules',
    // Wherever the image has it.
    ...(baseHasNode ? [] : [`RUN node -e "fs.copyFileSync(process.execPath, '/usr/local/node')"`]),
  ];
  return lines.join('\n');
}

/** The JSON form: names may hold blanks. */
const copy = (file: string) => `COPY ${JSON.stringify([file, `./${file}`])}`;

function nodeLayer(baseHasNode: boolean): string {
  const binary = `COPY --from=${NODE_STAGE} /usr/local/node /usr/local/bin/node\n`;
  return `${baseHasNode ? '' : binary}COPY --from=${NODE_STAGE} /app/node_modules ./node_modules`;
}

// Debian's Python refuses to install for all otherwise; an image has nobody else.
const PIP = 'ENV PIP_NO_CACHE_DIR=1 PIP_BREAK_SYSTEM_PACKAGES=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore';

function pythonPackages(python: PythonPackages): string {
  switch (python.tool) {
    case 'pip':
      return [PIP, ...python.files.map(copy), `RUN python3 -m pip install -r '${python.files[0]}'`].join('\n');
    case 'poetry': {
      const { version, groups, extras } = python;
      // `--with` beside `--only` is ignored by Poetry.
      const only = ['main', ...groups.filter((group) => group !== 'main')].join(',');
      const wanted = extras.map((extra) => ` --extras ${extra}`).join('');
      return [
        PIP,
        // Else Poetry installs into an environment that `python` does not see.
        'ENV POETRY_VIRTUALENVS_CREATE=false POETRY_CACHE_DIR=/tmp/poetry',
        `RUN python3 -m pip install ${version ? `poetry==${version}` : 'poetry'}`,
        'COPY pyproject.toml poetry.lock ./',
        `RUN poetry install --only ${only}${wanted} --no-root --no-interaction && rm -rf /tmp/poetry`,
      ].join('\n');
    }
    case 'uv':
      return [
        PIP,
        'ENV UV_PROJECT_ENVIRONMENT=/opt/venv VIRTUAL_ENV=/opt/venv UV_PYTHON_DOWNLOADS=never UV_NO_CACHE=1',
        'RUN python3 -m pip install uv',
        'COPY pyproject.toml uv.lock ./',
        'RUN python3 -m uv sync --frozen --no-dev --no-install-project',
        'ENV PATH=/opt/venv/bin:$PATH',
      ].join('\n');
  }
}

function requirementsLayer(requirements: readonly string[], python?: PythonPackages): string {
  const install = installRequirements(requirements, python?.tool === 'uv' ? 'uv pip install' : 'python3 -m pip install');
  return python ? install : `${PIP}\n${install}`;
}

/** One layer on top of a Dockerfile of the user's own, which may end as another user than root. */
export function withRequirements(dockerfile: string, requirements: readonly string[], user: string | undefined): string {
  const install = installRequirements(requirements, 'python3 -m pip install --no-cache-dir');
  const layer = user === undefined ? install : `USER root\n${install}\nUSER ${user}`;
  return `${dockerfile.trimEnd()}\n\n# docker.requirements\n${layer}\n`;
}

/** As a file, since a line may be an option of its own (`--index-url …`). */
function installRequirements(lines: readonly string[], install: string): string {
  const quoted = lines.map((line) => `'${line.replaceAll("'", `'"'"'`)}'`).join(' ');
  return `RUN printf '%s\\n' ${quoted} > /tmp/more.txt && ${install} -r /tmp/more.txt && rm /tmp/more.txt`;
}
