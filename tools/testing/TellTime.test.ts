import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Runs a reporter over these acts in a process of its own. */
const told = (acts: string): { lines: readonly string[]; code: number | null } => {
  const script = `
    const { default: TellTime } = await import(${JSON.stringify(join(import.meta.dirname, 'TellTime.ts'))});
    let minutes = 0;
    performance.now = () => minutes * 60_000;
    const reporter = new TellTime();
    reporter.onInit({ config: { root: '/root' } });
    const begin = (name) => reporter.onTestModuleQueued({ moduleId: '/root/test/' + name });
    const end = (name) => reporter.onTestModuleEnd({ moduleId: '/root/test/' + name });
    ${acts}`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return { lines: stdout.trimEnd().split('\n'), code: status };
};

test('a run that is ended from outside tells which test files had begun and not ended', () => {
  const { lines, code } = told(`
    begin('a.test.ts'); begin('b.test.ts'); end('a.test.ts');
    minutes = 35;
    process.kill(process.pid, 'SIGTERM');
    setInterval(() => {}, 1_000);`);
  expect([lines, code]).toEqual([['-- had not ended after 35.0 min: test/b.test.ts'], 143]);
});

test('a run that ends tells what took longest', () => {
  const { lines, code } = told(`
    begin('a.test.ts'); begin('b.test.ts');
    minutes = 2;
    end('b.test.ts'); begin('c.test.ts'); end('c.test.ts');
    reporter.onTestRunEnd();
    process.exit(0);`);
  expect([lines, code]).toEqual([['-- 2.0 min: test/b.test.ts', '-- 0.0 min: test/c.test.ts'], 0]);
});
