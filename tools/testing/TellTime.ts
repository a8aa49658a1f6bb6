import { relative } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** Suites whose time is told at the end. */
const slowestMax = 12;

const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const minutesFrom = (fromMs: number): string => `${((performance.now() - fromMs) / 60_000).toFixed(1)} min`;

/**
 * A reporter of vitest beside others: which test files took longest, and, where the run is ended from outside, which had begun and not ended. One that keeps its
 * process busy for ever is stopped by no limit of a test, and its name is on no report.
 */
export default class TellTime implements Reporter {
  readonly #begun = new Map<string, number>();
  readonly #ended: [name: string, ms: number][] = [];
  #root = '';

  onInit({ config }: { readonly config: { readonly root: string } }): void {
    this.#root = config.root;
    process.once('SIGTERM', () => {
      for (const [id, fromMs] of this.#begun) {
        tell(`-- had not ended after ${minutesFrom(fromMs)}: ${relative(this.#root, id)}`);
      }
      process.exit(143);
    });
  }

  onTestModuleQueued({ moduleId }: TestModule): void {
    this.#begun.set(moduleId, performance.now());
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    const fromMs = this.#begun.get(moduleId);
    if (fromMs === undefined) return;
    this.#begun.delete(moduleId);
    this.#ended.push([relative(this.#root, moduleId), performance.now() - fromMs]);
  }

  onTestRunEnd(): void {
    const slowest = this.#ended.toSorted(([, one], [, other]) => other - one).slice(0, slowestMax);
    for (const [name, ms] of slowest) tell(`-- ${(ms / 60_000).toFixed(1)} min: ${name}`);
  }
}
