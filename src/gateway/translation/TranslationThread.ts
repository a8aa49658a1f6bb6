import { Worker } from 'node:worker_threads';
import { assert, errorMessage, failure, success, type Log, type Metrics, type Result } from '../../kernel/index.ts';
import type { TranslationEnds, TranslationJobs, TranslationKind } from '../../wire/index.ts';
import type { Abandonment } from '../Abandonment.ts';
import type { TranslationCall, TranslationReply } from './TranslationCall.ts';
import { translationLimits, type TranslationLimits } from './limits.ts';
import type { Translator, TranslatorFault } from './Translator.ts';

export interface TranslationThreadOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: Partial<TranslationLimits>;
  /** What the thread runs; the translation unless said. */
  readonly entry?: URL;
  /** Milliseconds that never jump; of this process unless said. */
  readonly monotonicMs?: () => number;
}

type End = Result<TranslationEnds[TranslationKind], TranslatorFault>;

interface Piece {
  readonly call: TranslationCall;
  /** Tells whoever waits; the first word counts. */
  readonly settle: (end: End) => void;
}

// Sources run as .ts, the build as .js; the worker stands beside this file in both.
const ownEntry = new URL(`./translationWorker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/**
 * One thread that translates, one piece after the other. It is started by the first piece and ended when it has had nothing to do for a while;
 * one that dies or does not answer is replaced, and costs the piece that it had and nothing else.
 */
export class TranslationThread implements Translator {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #limits: TranslationLimits;
  readonly #entry: URL;
  readonly #monotonicMs: () => number;
  readonly #waiting: Piece[] = [];
  #waitingBytes = 0;
  #worker: Worker | null = null;
  /** What the thread has; its end may be of no use to anybody by then. */
  #running: Piece | null = null;
  /** Of the piece that runs, or of a thread that has nothing to do. */
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor({ log, metrics, limits, entry = ownEntry, monotonicMs }: TranslationThreadOptions) {
    this.#log = log;
    this.#metrics = metrics;
    this.#limits = { ...translationLimits, ...limits };
    this.#entry = entry;
    this.#monotonicMs = monotonicMs ?? (() => performance.now());
  }

  /** Whether there is a thread now. */
  get isStarted(): boolean {
    return this.#worker !== null;
  }

  async translate<Kind extends TranslationKind>(
    kind: Kind,
    job: TranslationJobs[Kind],
    abandonment: Abandonment | null,
  ): Promise<Result<TranslationEnds[Kind], TranslatorFault>> {
    const end = await this.#enter({ kind, job }, abandonment);
    const outcome = end.ok ? 'done' : end.fault;
    this.#metrics.count('archipel_translations_total', { kind, outcome });
    // The end's kind is the one of the piece that the thread was given.
    return end as Result<TranslationEnds[Kind], TranslatorFault>;
  }

  /** Ends the thread; what waits for it is told. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const piece of this.#waiting.splice(0)) piece.settle(failure('broken'));
    this.#waitingBytes = 0;
    this.#running?.settle(failure('broken'));
    await this.#drop()?.terminate();
  }

  #enter(call: TranslationCall, abandonment: Abandonment | null): Promise<End> {
    if (this.#closed) return Promise.resolve(failure('broken'));
    if (abandonment !== null && abandonment.reason !== null) return Promise.resolve(failure('abandoned'));
    if (!this.#hasRoom(call)) return Promise.resolve(failure('full'));
    return new Promise((resolve) => {
      const leave = (): void => {
        this.#leave(piece);
        resolve(failure('abandoned'));
      };
      const piece: Piece = {
        call,
        settle: (end) => {
          abandonment?.unlisten(leave);
          resolve(end);
        },
      };
      abandonment?.listen(leave);
      this.#waiting.push(piece);
      this.#waitingBytes += call.job.body.length;
      this.#next();
    });
  }

  /** An answer is in memory and paid for: where requests are told to come back already, answers are still taken for a while. */
  #hasRoom({ kind, job: { body } }: TranslationCall): boolean {
    const share = answers.has(kind) ? 1 : requestShare;
    const { waitingMax, waitingBytesMax } = this.#limits;
    const bytes = this.#waitingBytes + body.length;
    // One alone has room, however large it is: the bounds of bodies have let it in.
    return (
      this.#waiting.length === 0 || (this.#waiting.length < waitingMax * share && bytes <= waitingBytesMax * share)
    );
  }

  /** What waits is taken out; what runs comes to its end, since nothing but an end of the thread would stop it. */
  #leave(piece: Piece): void {
    const place = this.#waiting.indexOf(piece);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    this.#waitingBytes -= piece.call.job.body.length;
  }

  #next(): void {
    if (this.#running !== null) return;
    const piece = this.#waiting.shift();
    if (piece === undefined) {
      if (this.#worker !== null) this.#arm(this.#limits.idleMs, () => void this.#drop()?.terminate());
      return;
    }
    this.#waitingBytes -= piece.call.job.body.length;
    this.#running = piece;
    this.#await(piece);
    try {
      this.#worker ??= this.#start();
      hand(this.#worker, piece.call);
    } catch (error) {
      this.#broken(errorMessage(error));
    }
  }

  #start(): Worker {
    const worker = new Worker(this.#entry, {
      name: 'translation',
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heapMb, maxYoungGenerationSizeMb: youngGenerationMb },
    });
    // A server that ends does not wait for it.
    worker.unref();
    const ifOurs = (act: () => void) => (): void => {
      if (this.#worker === worker) act();
    };
    worker.on('message', (reply: TranslationReply) => ifOurs(() => this.#hear(reply))());
    worker.once('error', (error) => ifOurs(() => this.#broken(String(error)))());
    worker.once('exit', (code) => ifOurs(() => this.#broken(`it ended with code ${code}`))());
    return worker;
  }

  #hear(reply: TranslationReply): void {
    const piece = this.#running;
    assert(piece !== null, 'a thread answers what it was given');
    this.#running = null;
    if (reply.kind === 'done') piece.settle(success(reply.end));
    else {
      this.#log.error('a translation failed', { message: reply.message });
      piece.settle(failure('broken'));
    }
    this.#next();
  }

  /** What was answered by the time that it is up is heard first; a piece that stood still with this process has its time anew. */
  #await(piece: Piece): void {
    const { jobMs } = this.#limits;
    const dueMs = this.#monotonicMs() + jobMs;
    this.#arm(jobMs, () => {
      const stoodStill = this.#monotonicMs() - dueMs > pauseMsMin;
      setImmediate(() => {
        if (this.#running !== piece) return;
        if (stoodStill) this.#await(piece);
        else this.#broken(`no answer within ${jobMs} ms`);
      });
    });
  }

  /** The thread is given up, with what it has. */
  #broken(why: string): void {
    this.#log.error('the thread that translates is replaced', { why, bytes: this.#running?.call.job.body.length });
    const piece = this.#running;
    void this.#drop()?.terminate();
    piece?.settle(failure('broken'));
    this.#next();
  }

  /** Forgets the thread and what it has. @returns the thread, to be ended. */
  #drop(): Worker | null {
    const worker = this.#worker;
    this.#worker = null;
    this.#running = null;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    return worker;
  }

  #arm(afterMs: number, act: () => void): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(act, afterMs).unref();
  }
}

/** A timer that is later than this tells of a pause of this process. */
const pauseMsMin = 250;

/** The body goes as a copy: the request may be sent elsewhere as it is, and an answer that is none is looked at once more. */
const hand = (worker: Worker, { kind, job }: TranslationCall): void => {
  const body = new Uint8Array(job.body);
  worker.postMessage({ kind, job: { ...job, body } }, [body.buffer]);
};

const answers: ReadonlySet<TranslationKind> = new Set(['answer', 'vectors']);
/** Of what may wait, what requests may take. */
const requestShare = 0.5;
/** Most of what a piece makes is dead at its end: a larger one would only keep more memory between pieces. */
const youngGenerationMb = 16;
