import type { ImageReference } from './reference.ts';
import { DOCKER_HUB } from './reference.ts';

/** Who runs a registry, told by its host: how one logs in there, and makes a repository. */
export interface Provider {
  kind: 'google' | 'ecr' | 'dockerhub' | 'other';
  /** The command that logs Docker in at the host. */
  logIn: string;
  /** The command that makes the repository an image needs; undefined where registries make them by themselves. */
  create?: string;
  /** Of ECR and Artifact Registry. */
  region?: string;
}

const ECR = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
const ARTIFACT_REGISTRY = /^([a-z0-9-]+)-docker\.pkg\.dev$/;
const GCR = /^(?:[a-z]+\.)?gcr\.io$/;

/** @param reference of the image concerned; its repository enters the commands */
export function providerOf({ host, repository }: Pick<ImageReference, 'host' | 'repository'>): Provider {
  const [, region] = ECR.exec(host)?.slice(1) ?? [];
  if (region) {
    return {
      kind: 'ecr',
      region,
      logIn: `aws ecr get-login-password --region ${region} | docker login --username AWS --password-stdin ${host}`,
      create: `aws ecr create-repository --region ${region} --repository-name ${repository}`,
    };
  }
  const location = ARTIFACT_REGISTRY.exec(host)?.[1];
  if (location) {
    const [project, folder] = repository.split('/');
    return {
      kind: 'google',
      region: location,
      logIn: `gcloud auth configure-docker ${host}`,
      create: `gcloud artifacts repositories create ${folder ?? 'REPOSITORY'} --project ${project} --location ${location} --repository-format docker`,
    };
  }
  if (GCR.test(host)) {
    const [project] = repository.split('/');
    return {
      kind: 'google',
      logIn: 'gcloud auth configure-docker',
      create: `gcloud services enable artifactregistry.googleapis.com --project ${project} && gcloud artifacts repositories create ${host} --project ${project} --location ${locationOf(host)} --repository-format docker`,
    };
  }
  if (host === DOCKER_HUB) return { kind: 'dockerhub', logIn: 'docker login' };
  return { kind: 'other', logIn: `docker login ${host}` };
}

/** Where Artifact Registry keeps the repositories that stand in for Container Registry's hosts. */
function locationOf(host: string): string {
  return { 'eu.gcr.io': 'europe', 'asia.gcr.io': 'asia' }[host] ?? 'us';
}
