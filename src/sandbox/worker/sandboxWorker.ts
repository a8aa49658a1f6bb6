// Entry point of the sandbox's own thread; started by startSandboxInWorker, never imported.
import { parentPort, workerData } from 'node:worker_threads';
import { assert, CodedError, unreachable } from '../../kernel/index.ts';
import type { Clock, Log, LogFields, Result } from '../../kernel/index.ts';
import { sandboxErrors } from '../errors.ts';
import type { SandboxErrorCode } from '../errors.ts';
import { startSandbox } from '../startSandbox.ts';
import type { Sandbox, SandboxSettings } from '../startSandbox.ts';
import type { SandboxAnswers, SandboxCall, SandboxCallName, SandboxMessage, SandboxProblem } from './messages.ts';

assert(parentPort !== null, 'this file is the entry point of a worker');
const port = parentPort;
// Handed over by startSandboxInWorker, which types it.
const settings = workerData as SandboxSettings;

const say = (message: SandboxMessage): void => port.postMessage(message);

const logAt =
  (level: 'debug' | 'info' | 'warn' | 'error') =>
  (event: string, fields: LogFields = {}): void =>
    say({ kind: 'log', level, event, fields });
const log: Log = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') };

// This thread is a program of its own: here the machine's clock comes in.
const clock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };

const isSandboxCode = (code: string): code is SandboxErrorCode => Object.hasOwn(sandboxErrors, code);

/** An expected failure in words; anything else is a defect, which ends the thread and surfaces in the other one. */
const problemOf = (error: unknown): SandboxProblem => {
  if (error instanceof CodedError && isSandboxCode(error.code)) return { code: error.code, message: error.message };
  throw error;
};

const unwrap = <Value>(result: Result<Value, CodedError>): Value => {
  if (!result.ok) throw result.fault;
  return result.value;
};

const answer = async (
  sandbox: Sandbox,
  { call, name, body }: SandboxCall,
): Promise<SandboxAnswers[SandboxCallName]> => {
  switch (call) {
    case 'setVendorFault':
      return unwrap(await sandbox.setVendorFault(name, body));
    case 'setHostFault':
      return unwrap(await sandbox.setHostFault(name, body));
    case 'read':
      return sandbox.read(name);
    case 'readAll':
      return sandbox.readAll();
    case 'received':
      return sandbox.received(name);
    case 'close':
      await sandbox.close();
      return null;
    default:
      return unreachable(call);
  }
};

const serve = async (sandbox: Sandbox, call: SandboxCall): Promise<void> => {
  try {
    say({ kind: 'answer', id: call.id, value: await answer(sandbox, call) });
  } catch (error) {
    say({ kind: 'refusal', id: call.id, problem: problemOf(error) });
  }
};

try {
  const sandbox = await startSandbox({ ...settings, clock, log });
  port.on('message', (call: SandboxCall) => {
    // A rejection here is a defect; unhandled, it ends the thread with an error.
    void serve(sandbox, call);
  });
  say({ kind: 'ready', vendors: sandbox.vendors });
} catch (error) {
  say({ kind: 'failed', problem: problemOf(error) });
}
