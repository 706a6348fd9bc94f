import type { GroupLimits } from './group-limits.ts';
import { isAssetInput, type Plan, type PlanStep } from './plan.ts';

/**
 * A plan for people: the order of the steps, what each depends on, its group, queue and resources.
 * @example
 * Step execution order:
 *   1. load_data
 *   2. preprocess (depends on: load_data)
 */
export function formatPlan(plan: Plan): string {
  const head = `Pipeline ${plan.pipeline}${plan.version && `, version ${plan.version}`}, stack ${plan.stack}${plan.priority === undefined ? '' : `, priority ${plan.priority}`}`;
  const steps = plan.steps.map((step, i) => {
    const needs = step.dependsOn.length ? ` (depends on: ${step.dependsOn.join(', ')})` : '';
    const facts = stepFacts(step, plan);
    return `${String(i + 1).padStart(3)}. ${step.name}${needs}${facts.length ? `\n       ${facts.join(' · ')}` : ''}`;
  });
  return [head, '', 'Step execution order:', ...steps].join('\n');
}

function stepFacts(step: PlanStep, plan: Plan): string[] {
  const facts: string[] = [];
  if (step.description) facts.push(step.description);
  if (step.group) facts.push(`group ${step.group}${limitsNote(plan.groups?.[step.group])}`);
  if (step.taskQueue !== plan.steps[0]?.taskQueue || step.group) facts.push(`queue ${step.taskQueue}`);
  const taken = Object.entries(step.inputs).flatMap(([name, input]) => (isAssetInput(input) ? [`${name} = ${input.asset}`] : []));
  if (taken.length) facts.push(`takes ${taken.join(', ')}`);
  const outputs = Object.entries(step.outputs).map(([name, { type }]) => `${name}: ${type}`);
  if (outputs.length) facts.push(`gives ${outputs.join(', ')}`);
  if (step.params.length) facts.push(`params ${step.params.join(', ')}`);
  if (step.resources) {
    const parts = Object.entries(step.resources).map(([key, value]) => `${key} ${value}`);
    facts.push(`${parts.join(', ')}${step.resources.cpu || step.resources.gpu ? ' (only memory is enforced on local workers)' : ''}`);
  }
  if (step.retry.maxAttempts > 1) facts.push(`up to ${step.retry.maxAttempts} attempts`);
  if (step.timeoutMs !== undefined) facts.push(`timeout ${step.timeoutMs / 1000} s`);
  return facts;
}

function limitsNote({ maxConcurrent, maxPerSecond }: GroupLimits = {}): string {
  const notes = [
    ...(maxConcurrent === undefined ? [] : [`at most ${maxConcurrent} at once`]),
    ...(maxPerSecond === undefined ? [] : [`at most ${maxPerSecond} a second`]),
  ];
  return notes.length ? ` (${notes.join(', ')})` : '';
}

/** The plan's DAG as a Mermaid flowchart, a subgraph for each execution group. */
export function toMermaid(plan: Plan): string {
  const id = new Map(plan.steps.map((step, i) => [step.name, `s${i}`]));
  const lines = ['flowchart TD'];
  const groups = new Map<string | undefined, PlanStep[]>();
  for (const step of plan.steps) groups.set(step.group, [...(groups.get(step.group) ?? []), step]);
  for (const [i, [group, steps]] of [...groups].entries()) {
    const indent = group ? '    ' : '  ';
    if (group) lines.push(`  subgraph g${i}["${group}"]`);
    for (const step of steps) lines.push(`${indent}${id.get(step.name)}["${step.name}"]`);
    if (group) lines.push('  end');
  }
  for (const [i, name] of assetsOf(plan).entries()) lines.push(`  a${i}[("${name}")]`);
  const asset = new Map(assetsOf(plan).map((name, i) => [name, `a${i}`]));
  for (const step of plan.steps) {
    for (const [name, input] of Object.entries(step.inputs)) {
      if (isAssetInput(input)) lines.push(`  ${asset.get(input.asset)} -->|${name}| ${id.get(step.name)}`);
    }
    for (const before of step.dependsOn) {
      const names = Object.entries(step.inputs).filter(([, input]) => !isAssetInput(input) && input.step === before);
      const label = names.length ? `|${names.map(([name]) => name).join(', ')}|` : '';
      lines.push(`  ${id.get(before)} ${names.length ? '-->' : '-.->'}${label} ${id.get(step.name)}`);
    }
  }
  return lines.join('\n');
}

/** The assets of earlier runs that a plan's steps take. */
function assetsOf(plan: Plan): string[] {
  const inputs = plan.steps.flatMap((step) => Object.values(step.inputs));
  return [...new Set(inputs.filter(isAssetInput).map((input) => input.asset))];
}
