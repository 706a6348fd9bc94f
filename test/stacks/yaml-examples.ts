/** The flowyml.yaml of seed 000, as it stands. */
export const PRODUCTION = `stacks:
  prod-gcp:
    type: gcp
    project_id: \${GCP_PROJECT}
    region: us-central1
    container_registry:
      type: gcr
      uri: gcr.io/\${GCP_PROJECT}
    orchestrator:
      type: vertex_ai
      service_account: \${GCP_SA}

docker:
  dockerfile: ./docker/training.Dockerfile   # auto-detected if omitted
  build_context: .
  use_poetry: true                           # copies pyproject + poetry.lock
  requirements_file: build/requirements.txt  # optional override
  base_image: python:3.11-slim
  env_vars:
    PYTHONUNBUFFERED: "1"
    TF_CPP_MIN_LOG_LEVEL: "2"
  build_args:
    POETRY_EXTRA: training

resources:
  default:
    cpu: "4"
    memory: "16Gi"
    disk_size: "100Gi"
  gpu_training:
    cpu: "16"
    memory: "64Gi"
    gpu: nvidia-l4
    gpu_count: 1
    machine_type: n1-standard-16
`;

/** The flowyml.yaml of seeds 001 and 004, as it stands. */
export const STAGES = `stacks:
  local:
    type: local
    artifact_path: .flowyml/artifacts

  production:
    type: gcp
    project_id: \${GCP_PROJECT_ID}
    region: us-central1
    bucket_name: \${GCP_BUCKET}
`;

/** What may be left out or shortened. */
export const SHORT_FORMS = [
  'stacks: { laptop: {} }',
  'stacks: { laptop: { artifact_path: kept } }',
  'stacks: { prod: { type: gcp, artifact_store: { bucket: b } } }',
  'stacks: { prod: { type: gcp, artifact_store: { bucket_name: b } } }',
  'stacks: { prod: { type: aws, artifact_store: { bucket: b, force_path_style: true } } }',
  'stacks: { k8s: { type: kubernetes, artifact_store: { bucket: b } } }',
  'stacks: { box: { executor: docker, orchestrator: temporal } }',
  'stacks: { box: { orchestrator: null } }',
  'artifact_store: { path: kept }',
  'executor: docker',
  'groups: { gpu: { executor: docker, resources: { cpu: 4 }, min_replicas: 0 } }',
  'executor: { type: docker, idle_timeout: 10 minutes }',
  'artifact_store: { type: custom, module: ./store.ts, options: { url: "x", deep: [1, { a: null }] } }',
  'pipelines: [a.ts, b/*.ts]',
];
