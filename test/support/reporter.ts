import { writeFileSync } from 'node:fs';
import type { UserConsoleLog } from 'vitest';
import type { Reporter, SerializedError, TestCase, TestModule, TestSuite, Vitest } from 'vitest/node';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * A line for each file as it ends, with its time; under it whatever failed, in full, with what the file's tests printed.
 * Writes the counts to the file that FLOWYML_TEST_COUNTS names: scripts/test.mjs prints them when all has been stopped.
 */
export default class CompactReporter implements Reporter {
  private vitest!: Vitest;
  private readonly total: Counts = { passed: 0, failed: 0, skipped: 0 };
  private readonly printed = new Map<string, string[]>();
  private readonly ended = new Set<TestModule>();
  private readonly failures: string[] = [];

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  /** Kept until the file ends: what a passing test prints is of no interest. */
  onUserConsoleLog({ taskId, content }: UserConsoleLog): void {
    const entity = taskId === undefined ? undefined : this.vitest.state.getReportedEntityById(taskId);
    if (!entity) {
      this.say(content.trimEnd());
      return;
    }
    const { moduleId } = entity.type === 'module' ? entity : entity.module;
    this.printed.set(moduleId, [...(this.printed.get(moduleId) ?? []), content]);
  }

  onTestModuleEnd(module: TestModule): void {
    this.ended.add(module);
    const { counts, failed } = this.look(module);
    const numbers = [`${counts.passed} passed`, counts.failed && `${counts.failed} FAILED`, counts.skipped && `${counts.skipped} skipped`];
    const { collectDuration, duration } = module.diagnostic();
    const seconds = ((collectDuration + duration) / 1000).toFixed(1).padStart(6);
    this.say(`${failed.length ? 'FAIL' : 'ok  '} ${seconds} s  ${module.relativeModuleId}  ${numbers.filter(Boolean).join(', ')}`);
    for (const test of module.children.allTests('skipped')) this.say(`       skipped: ${test.fullName}${noteOf(test)}`);
    for (const test of module.children.allTests('passed')) {
      if (!test.diagnostic()?.flaky) continue;
      this.say(`       FLAKY, passed when it was tried again: ${test.fullName}`);
      for (const error of test.result().errors ?? []) this.vitest.logger.printError(error, { project: test.project });
    }
    for (const entity of failed) this.report(entity);
    const output = this.printed.get(module.moduleId)?.join('') ?? '';
    if (failed.length && output.trim()) this.complain(`--- printed by ${module.relativeModuleId}\n${output.trimEnd()}\n---`);
    this.printed.delete(module.moduleId);
    for (const key of ['passed', 'failed', 'skipped'] as const) this.total[key] += counts[key];
  }

  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    if (!modules.length && !errors.length) this.complain('No test file fits.');
    // A file whose worker died may not have ended.
    for (const module of modules) if (!this.ended.has(module)) this.onTestModuleEnd(module);
    for (const error of errors) {
      this.failures.push(`outside any test: ${error.message}`);
      this.vitest.logger.printError(error, { type: String(error.type ?? 'Unhandled error') });
    }
    this.total.failed += errors.length;
    if (this.failures.length) this.say(`\nFailed:\n${this.failures.map((each) => `  ${each}`).join('\n')}`);
    const file = process.env.FLOWYML_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(this.total));
    else this.say(`\n${this.total.passed} passed, ${this.total.failed} failed, ${this.total.skipped} skipped`);
  }

  onProcessTimeout(): void {
    this.say('vitest does not end by itself: something of the tests still runs');
  }

  private look(module: TestModule): { counts: Counts; failed: (TestCase | TestSuite | TestModule)[] } {
    const tests = [...module.children.allTests()];
    const failed: (TestCase | TestSuite | TestModule)[] = [module, ...module.children.allSuites()].filter((each) => each.errors().length);
    failed.push(...tests.filter((test) => this.outcome(test) === 'failed'));
    const count = (outcome: string) => tests.filter((test) => this.outcome(test) === outcome).length;
    const broken = module.state() === 'failed' && !failed.length ? 1 : 0;
    return { counts: { passed: count('passed'), failed: failed.length + broken, skipped: count('skipped') }, failed };
  }

  private outcome(test: TestCase): keyof Counts {
    const { state } = test.result();
    // What was collected and never ended went down with its worker.
    if (state === 'pending') return 'failed';
    // CI brings all that the tests need. Tests left out by `-t` are not meant.
    if (state === 'skipped' && process.env.FLOWYML_CI_REQUIRE && !this.vitest.config.testNamePattern) return 'failed';
    return state;
  }

  private report(entity: TestCase | TestSuite | TestModule): void {
    const name = entity.type === 'module' ? entity.relativeModuleId : `${entity.module.relativeModuleId} > ${entity.fullName}`;
    this.failures.push(name);
    this.complain(`\nFAIL ${name}`);
    const errors = entity.type === 'test' ? (entity.result().errors ?? []) : entity.errors();
    for (const error of errors) this.vitest.logger.printError(error, { project: entity.project });
    if (entity.type !== 'test' || errors.length) return;
    const skipped = entity.result().state === 'skipped';
    this.complain(skipped ? `skipped${noteOf(entity)}: FLOWYML_CI_REQUIRE makes that a failure` : 'no result: its process ended before');
  }

  private say(text: string): void {
    this.vitest.logger.log(text);
  }

  /** To where vitest prints errors, so that they stay together. */
  private complain(text: string): void {
    this.vitest.logger.error(text);
  }
}

function noteOf(test: TestCase): string {
  const result = test.result();
  return result.state === 'skipped' && result.note ? `: ${result.note}` : '';
}
