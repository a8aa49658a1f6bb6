import { Worker } from 'node:worker_threads';
import { failure, silentLog, success } from '../kernel/index.ts';
import type { CodedError, Log, Result } from '../kernel/index.ts';
import { sandboxError } from './errors.ts';
import { sandboxLimits } from './limits.ts';
import type { Sandbox, SandboxSettings } from './startSandbox.ts';
import type { SandboxAnswers, SandboxCall, SandboxCallName, SandboxMessage } from './worker/messages.ts';

export interface WorkerSandboxOptions extends SandboxSettings {
  readonly log?: Log;
  /** Called when the sandbox's thread dies of a defect. By default the error is thrown where nobody catches it. */
  readonly onFailure?: (error: Error) => void;
}

type Reply = Result<SandboxAnswers[SandboxCallName], Error>;

/** The sandbox's thread, seen from this one: calls out, answers back, a death that nobody can overlook. */
class SandboxThread {
  readonly #worker: Worker;
  readonly #log: Log;
  readonly #onFailure: (error: Error) => void;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 0;
  #ended: Error | null = null;
  #closing = false;

  constructor({ log = silentLog, onFailure, ...settings }: WorkerSandboxOptions) {
    this.#log = log;
    this.#onFailure =
      onFailure ??
      ((error) =>
        queueMicrotask(() => {
          throw error;
        }));
    // Sources run as .ts, the build as .js; the worker stands beside this file in both.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./worker/sandboxWorker.${extension}`, import.meta.url), {
      workerData: settings,
      name: 'sandbox',
    });
  }

  /** The vendors, once they listen. */
  start(): Promise<Sandbox['vendors']> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => {
        this.#end(error);
        reject(error);
      };
      const failStart = (error: unknown): void => fail(error instanceof Error ? error : new Error(String(error)));
      const exitStart = (code: number): void =>
        fail(new Error(`the sandbox's thread ended at its start with code ${code}`));
      this.#worker.once('error', failStart);
      this.#worker.once('exit', exitStart);
      this.#worker.on('message', (message: SandboxMessage) => {
        if (message.kind === 'ready') {
          this.#worker.off('error', failStart);
          this.#worker.off('exit', exitStart);
          this.#watch();
          resolve(message.vendors);
        } else if (message.kind === 'failed') {
          fail(sandboxError(message.problem.code, message.problem.message));
        } else this.#receive(message);
      });
    });
  }

  async call<Name extends SandboxCallName>(
    call: Name,
    name = '',
    body: unknown = null,
  ): Promise<Result<SandboxAnswers[Name], CodedError>> {
    const reply = await this.#ask(call, name, body);
    // The answer's type is the one of the call that the thread was asked.
    if (reply.ok) return success(reply.value as SandboxAnswers[Name]);
    if ('code' in reply.fault) return failure(reply.fault as CodedError);
    throw reply.fault;
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#ended === null) {
      await this.call('close');
      this.#end(sandboxError('sandbox_closed'));
    }
    await this.#worker.terminate();
  }

  #ask(call: SandboxCallName, name: string, body: unknown): Promise<Reply> {
    if (this.#ended !== null) return Promise.resolve(failure(this.#ended));
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      const late = setTimeout(
        () =>
          this.#settle(
            id,
            failure(new Error(`the sandbox did not answer ${call} within ${sandboxLimits.workerCallMs} ms`)),
          ),
        sandboxLimits.workerCallMs,
      );
      this.#waiting.set(id, (reply) => {
        clearTimeout(late);
        resolve(reply);
      });
      const message: SandboxCall = { id, call, name, body };
      this.#worker.postMessage(message);
    });
  }

  #receive(message: Exclude<SandboxMessage, { kind: 'ready' | 'failed' }>): void {
    switch (message.kind) {
      case 'answer':
        return this.#settle(message.id, success(message.value));
      case 'refusal':
        return this.#settle(message.id, failure(sandboxError(message.problem.code, message.problem.message)));
      case 'log':
        return this.#log[message.level](message.event, message.fields);
    }
  }

  #settle(id: number, reply: Reply): void {
    this.#waiting.get(id)?.(reply);
    this.#waiting.delete(id);
  }

  #watch(): void {
    const die = (error: Error): void => {
      if (this.#ended !== null || this.#closing) return;
      this.#end(error);
      this.#onFailure(error);
    };
    this.#worker.once('error', (error) => die(error instanceof Error ? error : new Error(String(error))));
    this.#worker.once('exit', (code) => die(new Error(`the sandbox's thread ended with code ${code}`)));
  }

  /** Nothing is answered any more. */
  #end(error: Error): void {
    this.#ended = error;
    for (const id of this.#waiting.keys()) this.#settle(id, failure(error));
  }
}

const orThrow = <Value>(result: Result<Value, CodedError>): Value => {
  if (!result.ok) throw result.fault;
  return result.value;
};

/**
 * Starts the vendors in a thread of their own, so that their work never delays the program they are rivals to.
 * They go by the machine's clock. The thread ends with `close`, or with the process.
 * @throws CodedError as `startSandbox` does
 */
export const startSandboxInWorker = async (options: WorkerSandboxOptions): Promise<Sandbox> => {
  const thread = new SandboxThread(options);
  let vendors: Sandbox['vendors'];
  try {
    vendors = await thread.start();
  } catch (error) {
    await thread.close();
    throw error;
  }
  return {
    vendors,
    setVendorFault: (vendor, body) => thread.call('setVendorFault', vendor, body),
    setHostFault: (host, body) => thread.call('setHostFault', host, body),
    read: async (vendor) => orThrow(await thread.call('read', vendor)),
    readAll: async () => orThrow(await thread.call('readAll')),
    received: async (vendor) =>
      orThrow(await thread.call('received', vendor)).map((request) => ({
        ...request,
        // Buffers arrive from another thread as plain bytes.
        body: Buffer.from(request.body),
      })),
    close: () => thread.close(),
  };
};
