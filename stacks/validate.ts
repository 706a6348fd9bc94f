import { executorOf } from '../pipelines/placement.ts';
import type { StackSpec } from '../pipelines/stack-spec.ts';
import { checkArtifactStore } from './checks/artifact-store.ts';
import { checkContainerRegistry } from './checks/container-registry.ts';
import { checkDocker, checkExecutor } from './checks/executor.ts';
import { type Api, Google, type GoogleEndpoints } from './checks/google.ts';
import { checkMetadataStore } from './checks/metadata-store.ts';
import { checked, type Finding, fine, type StackCheck, wrong } from './checks/stack-check.ts';
import { parseReference } from './registries/reference.ts';
import { isUnset, resolveVariables, variablesOf } from './variables.ts';

export type { StackCheck } from './checks/stack-check.ts';

type Question = [component: string, ask: () => Promise<Finding>];

/**
 * Asks every component of a stack whether it can be used: all at once, each with 10 s. Never throws for what it finds.
 * Nothing is made or changed, but for a small blob that is written to the artifact store and removed.
 * @param project from whose folder relative paths count; the working folder unless given
 * @param endpoints for tests
 */
export async function validateStack(
  spec: StackSpec,
  project: { root: string; name: string } = { root: process.cwd(), name: 'flowyml' },
  endpoints: GoogleEndpoints = {},
): Promise<StackCheck[]> {
  const executor = executorOf(spec) ?? { type: 'local' as const };
  const { containerRegistry } = spec;
  const questions: Question[] = [
    ['artifact store', () => checkArtifactStore(spec, project.root)],
    ['metadata store', () => checkMetadataStore(spec, project.root)],
    ...(containerRegistry ? [['container registry', () => checkContainerRegistry(containerRegistry, project)] satisfies Question] : []),
    ['executor', () => checkExecutor(executor, project)],
    // Other executors run images too, which are built here.
    ...(executor.type === 'local' ? [] : [['docker', checkDocker] satisfies Question]),
    ...googleQuestions(spec, endpoints),
  ];
  const unset = unsetVariables(spec);
  const named = (component: string) => unset.some((each) => each.components.has(component));
  const asked = questions.filter(([component]) => !named(component));
  return [...(unset.length ? [missing(unset)] : []), ...(await Promise.all(asked.map(([component, ask]) => checked(component, ask))))];
}

const COMPONENTS: Record<string, string> = {
  artifactStore: 'artifact store',
  metadataStore: 'metadata store',
  containerRegistry: 'container registry',
  executor: 'executor',
};

/** The variables that are not set, and the components that cannot be asked without them. */
function unsetVariables(spec: StackSpec): { name: string; components: Set<string> }[] {
  const found = new Map<string, Set<string>>();
  for (const { name, path } of variablesOf(spec).filter((use) => isUnset(use))) {
    const key = String(path[0]);
    // Which database it is, the environment may have decided.
    if (key === 'metadataStore' && process.env.FLOWYML_DATABASE_URL) continue;
    found.set(name, (found.get(name) ?? new Set()).add(COMPONENTS[key] ?? key));
  }
  return [...found].map(([name, components]) => ({ name, components }));
}

function missing(unset: { name: string; components: Set<string> }[]): StackCheck {
  const each = unset.map(({ name, components }) => `${name} (${[...components].join(', ')})`);
  return {
    component: 'variables',
    ...wrong(
      `not set: ${each.join('; ')}`,
      `set them (${unset.map(({ name }) => `export ${name}=…`).join('; ')}), or write defaults: \${NAME:-default}`,
    ),
  };
}

const GOOGLE_HOST = /(^|\.)gcr\.io$|-docker\.pkg\.dev$/;

/** What a stack needs of Google Cloud. */
function googleQuestions(spec: StackSpec, endpoints: GoogleEndpoints): Question[] {
  if (spec.type !== 'gcp') return [];
  const google = new Google(endpoints);
  const { containerRegistry: registry, orchestrator } = spec;
  const project = () =>
    filled(orchestrator?.type === 'vertex_ai' && orchestrator.projectId !== undefined ? orchestrator.projectId : spec.projectId);
  const onVertex = orchestrator?.type === 'vertex_ai' || spec.executor?.type === 'vertex_ai';
  const ofGoogle = registry?.type === 'gcr' || registry?.type === 'artifact_registry';
  const enabled = (api: Api, of: () => string | undefined): Question[] => [
    [
      api === 'aiplatform.googleapis.com' ? 'Vertex AI API' : 'Artifact Registry API',
      async () => {
        const where = of();
        return where === undefined ? wrong('it is not said in which project', 'give the stack a project_id') : google.api(api, where);
      },
    ],
  ];
  const account = orchestrator?.type === 'vertex_ai' ? orchestrator.serviceAccount : undefined;
  return [
    ['Google credentials', () => google.credentials()],
    ...(onVertex ? enabled('aiplatform.googleapis.com', project) : []),
    ...(ofGoogle ? enabled('artifactregistry.googleapis.com', () => projectOfRegistry(filled(registry.uri)) ?? project()) : []),
    ...(account === undefined
      ? []
      : [['service account', () => google.serviceAccount(filled(account) as string, project())] satisfies Question]),
    ...(onVertex && account === undefined
      ? [
          [
            'service account',
            async () => fine("none is named: Vertex AI jobs would run as the project's default compute account"),
          ] satisfies Question,
        ]
      : []),
  ];
}

const filled = (text: string | undefined) => (text === undefined ? undefined : resolveVariables(text, 'stack'));

/** The project that an address of Google's names: `europe-docker.pkg.dev/PROJECT/REPOSITORY`. */
function projectOfRegistry(uri: string | undefined): string | undefined {
  if (uri === undefined) return undefined;
  const { host, repository } = parseReference(`${uri.replace(/\/+$/, '')}/x`, 'container_registry.uri');
  return GOOGLE_HOST.test(host) ? repository.split('/')[0] : undefined;
}
