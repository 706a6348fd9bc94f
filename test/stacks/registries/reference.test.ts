import { describe, expect, it } from 'vitest';
import {
  containerRegistry,
  DockerHubRegistry,
  ECRContainerRegistry,
  GCRContainerRegistry,
  imageName,
  repositoryOf,
} from '../../../stacks/registries/container-registry.ts';
import { registryProblem } from '../../../stacks/registries/problems.ts';
import { providerOf } from '../../../stacks/registries/providers.ts';
import { formatReference, parseReference } from '../../../stacks/registries/reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('references to images', () => {
  const known: [text: string, parsed: object, full: string][] = [
    ['node', { host: 'docker.io', repository: 'library/node' }, 'docker.io/library/node'],
    ['node:20-slim', { host: 'docker.io', repository: 'library/node', tag: '20-slim' }, 'docker.io/library/node:20-slim'],
    ['acme/train:1', { host: 'docker.io', repository: 'acme/train', tag: '1' }, 'docker.io/acme/train:1'],
    ['index.docker.io/acme/train', { host: 'docker.io', repository: 'acme/train' }, 'docker.io/acme/train'],
    [
      'gcr.io/my-project/ml-pipeline:v1.0',
      { host: 'gcr.io', repository: 'my-project/ml-pipeline', tag: 'v1.0' },
      'gcr.io/my-project/ml-pipeline:v1.0',
    ],
    ['localhost/x', { host: 'localhost', repository: 'x' }, 'localhost/x'],
    ['localhost:5000/a/b/c:t', { host: 'localhost:5000', repository: 'a/b/c', tag: 't' }, 'localhost:5000/a/b/c:t'],
    [`host:1/x:t@${DIGEST}`, { host: 'host:1', repository: 'x', tag: 't', digest: DIGEST }, `host:1/x:t@${DIGEST}`],
    [`x@${DIGEST}`, { host: 'docker.io', repository: 'library/x', digest: DIGEST }, `docker.io/library/x@${DIGEST}`],
  ];
  it.each(known)('%s', (text, parsed, full) => {
    expect(parseReference(text)).toEqual(parsed);
    expect(formatReference(parseReference(text))).toBe(full);
  });

  const wrong: [text: string, why: string][] = [
    ['', "'' is no part of a name"],
    ['Node', "'Node' has capital letters"],
    ['gcr.io/My/x', "'My' has capital letters"],
    ['x:', "'' is no tag"],
    ['x:a b', "'a b' is no tag"],
    ['x@sha256:12', 'what follows @ is no sha256 digest'],
    ['https://gcr.io/x', 'leave out http:// or https://'],
    ['a//b', "'' is no part of a name"],
  ];
  it.each(wrong)('%j is none', (text, why) => {
    expect(() => parseReference(text, 'docker.image')).toThrow(`docker.image: '${text}' names no image: ${why}`);
  });
});

describe('where images go', () => {
  const gcr = containerRegistry({ type: 'gcr', uri: 'gcr.io/my-project/' });
  const hub = containerRegistry({ type: 'dockerhub', uri: 'acme' });
  const names: [name: string, registry: typeof gcr | undefined, image: string][] = [
    ['fraud', gcr, 'gcr.io/my-project/fraud'],
    ['team/fraud', gcr, 'gcr.io/my-project/team/fraud'],
    ['eu.gcr.io/x/fraud', gcr, 'eu.gcr.io/x/fraud'],
    ['fraud', hub, 'docker.io/acme/fraud'],
    ['other/fraud', hub, 'other/fraud'],
    ['fraud', undefined, 'fraud'],
  ];
  it.each(names)('%s', (name, registry, image) => expect(imageName(name, registry)).toBe(image));

  it("registries by the seeds' names", () => {
    expect(new GCRContainerRegistry({ projectId: 'p' }).uri).toBe('gcr.io/p');
    expect(new ECRContainerRegistry({ accountId: '123456789012', region: 'eu-west-1' }).uri).toBe(
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    );
    expect(new DockerHubRegistry({ namespace: 'acme' }).uri).toBe('docker.io/acme');
    expect(new DockerHubRegistry({ uri: 'docker.io/acme' }).uri).toBe('docker.io/acme');
    expect(() => new DockerHubRegistry({ uri: 'docker.io' })).toThrow('name the user or organization');
    expect(() => new GCRContainerRegistry({})).toThrow('give it a projectId or a uri');
    expect(() => containerRegistry({ type: 'gcr', uri: 'https://gcr.io/p' })).toThrow(
      "container_registry.uri: 'https://gcr.io/p/x' names no image",
    );
  });

  it('a project as part of a name', () => {
    expect(['Fraud_ML', 'a--b', 'a___b', '_x-', '---'].map(repositoryOf)).toEqual(['fraud_ml', 'a-b', 'a-b', 'x', 'flowyml']);
    for (const name of ['Fraud_ML', 'a--b', 'a___b', '_x-', 'a-_b']) parseReference(repositoryOf(name));
  });
});

describe('what went wrong, with the command that helps', () => {
  const told = (image: string, wanted: 'push' | 'read', detail: string, status?: number) =>
    registryProblem(parseReference(image), wanted, detail, status);
  const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/fraud:1';
  const cases: [image: string, wanted: 'push' | 'read', detail: string, status: number | undefined, end: string][] = [
    [
      'us-central1-docker.pkg.dev/p/r/x:1',
      'push',
      'denied: Permission "artifactregistry.repositories.uploadArtifacts" denied',
      undefined,
      'Log in: gcloud auth configure-docker us-central1-docker.pkg.dev, and give the account the role roles/artifactregistry.writer',
    ],
    ['gcr.io/p/x:1', 'read', '', 401, 'Log in: gcloud auth configure-docker'],
    [
      'us-central1-docker.pkg.dev/p/r/x:1',
      'push',
      'name unknown: Repository "r" not found',
      404,
      'does not exist: name unknown: Repository "r" not found. Make it: gcloud artifacts repositories create r --project p --location us-central1 --repository-format docker',
    ],
    [
      'eu.gcr.io/p/x:1',
      'push',
      'name unknown: Repository "eu.gcr.io" not found',
      undefined,
      'gcloud artifacts repositories create eu.gcr.io --project p --location europe --repository-format docker',
    ],
    [
      ecr,
      'push',
      'no basic auth credentials',
      undefined,
      'Log in: aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    ],
    [
      ecr,
      'push',
      "name unknown: The repository with name 'team/fraud' does not exist in the registry",
      undefined,
      'Make it: aws ecr create-repository --region eu-west-1 --repository-name team/fraud',
    ],
    ['acme/x:1', 'push', 'denied: requested access to the resource is denied', undefined, 'Log in: docker login'],
    [
      'registry.example.com:5000/x:1',
      'read',
      'unauthorized: authentication required',
      401,
      'Log in: docker login registry.example.com:5000',
    ],
    [
      'h:1/x:1',
      'push',
      'http: server gave HTTP response to HTTPS client',
      undefined,
      `Add "h:1" to "insecure-registries" in the daemon.json of Docker, and 'insecure: true' to container_registry`,
    ],
  ];
  it.each(cases)('%s: %s, %s', (image, wanted, detail, status, end) => {
    const error = told(image, wanted, detail, status);
    expect(error).toMatchObject({ code: 'USAGE' });
    expect(error.message.endsWith(end), error.message).toBe(true);
  });

  it('what may pass is no mistake of the user', () => {
    expect(told('h:1/x:1', 'push', 'dial tcp: connect: connection refused')).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(told('h:1/x:1', 'read', 'oops', 503)).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
      message: expect.stringContaining('it answers 503: oops'),
    });
  });

  it('every host has its way in', () => {
    expect(providerOf({ host: '123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', repository: 'x' })).toMatchObject({
      kind: 'ecr',
      region: 'us-gov-west-1',
    });
    expect(providerOf({ host: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', repository: 'x' })).toMatchObject({
      kind: 'ecr',
      region: 'cn-north-1',
    });
    expect(providerOf({ host: 'ghcr.io', repository: 'x' })).toEqual({ kind: 'other', logIn: 'docker login ghcr.io' });
  });
});
