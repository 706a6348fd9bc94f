import type { Command } from 'commander';
import { collect } from './collect.ts';

/** `flowyml stack …` */
export function stackCommands(flowyml: Command): void {
  const stack = flowyml.command('stack').description('where pipelines run: the stacks of flowyml.yaml');
  stack
    .command('list')
    .description('the stacks; the one in use is marked')
    .option('--json', 'as JSON')
    .action(async (options) => (await import('../commands/stack-list.ts')).listStacks(options));
  stack
    .command('show')
    .description("a stack's components, with those that its type brings")
    .argument('[name]', 'the one in use unless given')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/stack-show.ts')).showStack(name, options));
  stack
    .command('validate')
    .description('ask every component whether it can be used: credentials, bucket, registry, Docker, database')
    .argument('[name]', 'the one in use unless given')
    .option('--json', 'as JSON')
    .action(async (name, options) => (await import('../commands/stack-validate.ts')).validateStackCommand(name, options));
  stack
    .command('set')
    .description('use this stack from now on: writes active_stack to flowyml.yaml')
    .argument('<name>', 'a stack of flowyml.yaml')
    .action(async (name) => (await import('../commands/stack-set.ts')).setStack(name));
  stack
    .command('apply')
    .description("build and push the images that the stack's groups need, and print each group's image")
    .argument('[name]', 'the one in use unless given')
    .argument('[modules...]', 'modules of the pipelines; those of flowyml.yaml unless given')
    .option('--group <name>', "only this group's image", collect, [])
    .option('--dry-run', 'say what would be built and pushed')
    .option('--json', 'as JSON')
    .action(async (name, modules, options) => (await import('../commands/stack-apply.ts')).applyStack(name, modules, options));
}
