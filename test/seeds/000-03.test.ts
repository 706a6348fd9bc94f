import { expect, it } from 'vitest';
import { compile, DockerConfig, pipeline, ResourceConfig, step } from '../../index.ts';

// One image and one envelope for a whole run.
it('the plan has what the run asks for', () => {
  const docker = new DockerConfig({
    dockerfile: './docker/training.Dockerfile',
    image: 'gcr.io/my-project/fraud-training:latest',
    buildContext: '.',
    requirements: ['tensorflow==2.16.2', 'keras>=3.0', 'pandas>=2.2'],
    envVars: { TF_FORCE_GPU_ALLOW_GROWTH: 'true' },
  });
  const resources = new ResourceConfig({ cpu: '16', memory: '64Gi', gpu: 'nvidia-l4', gpuCount: 1, diskSize: '200Gi' });
  const member = (name: string, cpu: string) => step({ name, group: 'training_cluster', resources: { cpu } }, () => {});
  const plan = compile(pipeline('fraud_training', { steps: [member('train_model', '2'), member('evaluate_model', '4')] }), {
    project: 'fraud-ml',
    stack: 'box',
    stacks: { box: { name: 'box', type: 'local', executor: { type: 'docker' } } },
    run: { resources, docker },
  });
  const json = JSON.parse(JSON.stringify(plan));
  expect(Object.values(json.workers)).toMatchObject([
    { group: 'training_cluster', docker: docker.toJSON(), resources: resources.toJSON() },
  ]);
  expect(json.steps.map((each: { resources: unknown }) => each.resources)).toEqual([resources.toJSON(), resources.toJSON()]);
});
