import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sandboxCredential } from './startSandbox.ts';
import type { Sandbox } from './startSandbox.ts';
import { startSandboxInWorker } from './startSandboxInWorker.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'archipel-sandbox-'));
});
afterEach(() => rm(directory, { recursive: true }));

const ask = (sandbox: Sandbox, vendor: string): Promise<Response> =>
  fetch(`${sandbox.vendors.find(({ name }) => name === vendor)!.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandboxCredential}` },
    body: JSON.stringify({ model: 'chat-large', messages: [{ role: 'user', content: 'hello there' }] }),
  });

/** A program that starts the sandbox in its thread and then does what it is told. */
const program = (then: string): string => `
  import { startSandboxInWorker } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
  const sandbox = await startSandboxInWorker({ directory: ${JSON.stringify(directory)}, seed: 1, latencyMs: 0 });
  const url = sandbox.vendors.find(({ name }) => name === 'aurora').url;
  ${then}
`;

const write = async (then: string): Promise<string> => {
  const file = join(directory, 'program.mjs');
  await writeFile(file, program(then));
  return file;
};

describe('the sandbox in a thread of its own', () => {
  test('is the same sandbox', async () => {
    const logged: string[] = [];
    const note = (event: string): void => void logged.push(event);
    const sandbox = await startSandboxInWorker({
      directory,
      seed: 1,
      latencyMs: 0,
      record: true,
      log: { debug: note, info: note, warn: note, error: note },
    });
    expect(sandbox.vendors.map(({ name, wire, host }) => `${name} ${wire} ${host}`)).toEqual([
      'aurora openai north',
      'borealis anthropic south',
      'cascade bedrock north',
    ]);
    expect((await ask(sandbox, 'aurora')).status).toBe(200);
    expect(await sandbox.read('aurora')).toMatchObject({ requests: 1, answered: 1 });
    expect((await sandbox.received('aurora'))[0]!.body.toString()).toContain('hello there');
    expect(await sandbox.setHostFault('north', { fault: 'overload' })).toMatchObject({
      ok: true,
      value: { fault: 'overload' },
    });
    expect((await ask(sandbox, 'cascade')).status).toBe(503);
    expect(await sandbox.setVendorFault('aurora', { fault: 'sad' })).toMatchObject({
      ok: false,
      fault: { code: 'sandbox_bad_fault', message: expect.stringMatching(/"fault" is one of/) },
    });
    await expect(sandbox.read('zephyr')).rejects.toMatchObject({ code: 'sandbox_unknown_vendor' });
    expect((await sandbox.readAll()).map(({ requests }) => requests)).toEqual([1, 0, 1]);
    expect(logged).toContain('sandbox fault set');
    await sandbox.close();
    await sandbox.close();
    await expect(sandbox.readAll()).rejects.toMatchObject({ code: 'sandbox_closed' });
    await expect(ask(sandbox, 'aurora')).rejects.toThrow('fetch failed');
  });

  test('fails to start in coded words', async () => {
    await writeFile(join(directory, 'aurora.bill.jsonl'), 'not a bill\n');
    await expect(startSandboxInWorker({ directory, seed: 1 })).rejects.toMatchObject({ code: 'sandbox_bill_corrupt' });
  });

  test('lets the process end once it is closed', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      await write("await sandbox.close(); console.log('closed');"),
    ]);
    expect(stdout).toBe('closed\n');
  });

  test('does not die in silence: a defect in the thread is told, and every later call fails by it', async () => {
    const threads: Worker[] = [];
    process.once('worker', (thread) => threads.push(thread));
    const failure = Promise.withResolvers<Error>();
    const sandbox = await startSandboxInWorker({ directory, seed: 1, onFailure: failure.resolve });
    threads[0]!.postMessage({ id: 0, call: 'nonsense' });
    expect((await failure.promise).message).toBe('unreachable: "nonsense"');
    await expect(sandbox.readAll()).rejects.toThrow('unreachable: "nonsense"');
    await sandbox.close();
  });

  test('ends the process by a defect that nobody asked to hear of', async () => {
    const file = await write('setInterval(() => {}, 1000);');
    const nonsense = "process.once('worker', (thread) => thread.postMessage({ id: 0, call: 'nonsense' }));\n";
    await writeFile(file, nonsense + readFileSync(file, 'utf8'));
    await expect(promisify(execFile)(process.execPath, [file])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('unreachable: "nonsense"'),
    });
  });

  test('has billed all it answered when the process is killed', async () => {
    const loop = `
      for (let n = 0; ; n++) {
        const answer = await fetch(url + '/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: 'Bearer sandbox-credential' },
          body: JSON.stringify({ model: 'chat-large', messages: [{ role: 'user', content: 'number ' + n }] }),
        });
        await answer.text();
        process.stdout.write('answered\\n');
      }`;
    const child = spawn(process.execPath, [await write(loop)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let answered = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      answered += text.match(/answered/g)?.length ?? 0;
      if (answered >= 20) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const lines = readFileSync(join(directory, 'aurora.bill.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    expect(lines.length).toBeGreaterThanOrEqual(answered);
    expect(lines.length).toBeLessThanOrEqual(answered + 1);
    const sandbox = await startSandboxInWorker({ directory, seed: 1 });
    expect((await sandbox.read('aurora')).answered).toBe(lines.length);
    await sandbox.close();
  });
});
