import { GCPStack, LocalStack } from 'flowyml/stacks';

const env = process.env.ENVIRONMENT ?? 'local';

const project = { projectId: 'my-gcp-project', region: 'us-central1' };
const stack =
  env === 'production'
    ? new GCPStack({ name: 'production', ...project, bucketName: 'my-artifacts' })
    : env === 'staging'
      ? new GCPStack({ name: 'staging', ...project, bucketName: 'staging-artifacts' })
      : new LocalStack();
console.log(JSON.stringify(stack));
