// Changes the files of a library one at a time, and notes which steps change their identity, and what they give.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stepIdentities } from '../../../identity/step-identity.ts';
import { loadModule } from '../../../loader/load-module.ts';
import type { AnyPipeline } from '../../../pipelines/pipeline.ts';
import type { Mutation } from './mutations.ts';

export interface Outcome {
  changed: string[];
  /** The steps that give something else, where the mutation was also run. */
  differs?: string[];
  /** Whether the changed files, loaded anew, gave the same identities as the change alone. */
  agrees?: boolean;
}

const [folder = '', input = '', output = ''] = process.argv.slice(2);
const { mutations, runEach }: { mutations: Mutation[]; runEach: number } = JSON.parse(readFileSync(input, 'utf8'));
const module = join(folder, 'steps.ts');

const pipelineOf = async (fresh: boolean) => {
  const { pipelines } = await loadModule(module, { fresh });
  return pipelines[0]?.pipeline as AnyPipeline;
};
const hashes = async (pipeline: AnyPipeline) =>
  Object.fromEntries([...(await stepIdentities(pipeline, module, { root: folder }))].map(([name, { hash }]) => [name, hash]));
const run = (pipeline: AnyPipeline) =>
  Object.fromEntries(
    pipeline.steps.map(({ name, fn }) => {
      try {
        return [name, JSON.stringify(fn({} as never))];
      } catch (error) {
        return [name, `throws ${error}`];
      }
    }),
  );

const original = await pipelineOf(false);
const before = await hashes(original);
const gave = run(original);
const names = Object.keys(before);
const outcomes: Outcome[] = [];
for (const [index, { file, start, end, replacement }] of mutations.entries()) {
  const path = join(folder, file);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, start) + replacement + text.slice(end));
  const after = await hashes(original);
  const outcome: Outcome = { changed: names.filter((name) => after[name] !== before[name]) };
  if (index % runEach === 0) {
    try {
      const mutant = await pipelineOf(true);
      const gives = run(mutant);
      const again = await hashes(mutant);
      outcome.differs = names.filter((name) => gives[name] !== gave[name]);
      outcome.agrees = names.every((name) => again[name] === after[name]);
    } catch {
      // It cannot be loaded any more: no step of it will run.
    }
  }
  writeFileSync(path, text);
  outcomes.push(outcome);
}
writeFileSync(output, JSON.stringify(outcomes));
