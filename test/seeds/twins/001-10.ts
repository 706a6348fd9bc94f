import { LocalStack, pipeline, StackRegistry, setActiveStack, step } from 'flowyml';

new StackRegistry().registerStack(new LocalStack({ name: 'production', artifactPath: 'production' }));

// From now on the stack of pipelines that name none.
setActiveStack('production');

export default pipeline('my_pipeline', { steps: [step({ name: 'load' }, () => 1)] });
