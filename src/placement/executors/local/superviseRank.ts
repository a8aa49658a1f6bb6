// A process of its own for each rank, started by LocalExecutor and imported by nobody: runs the rank's program and writes down what becomes of it.
// It outlives the server and not its program. It imports next to nothing, so that it starts fast and stays small.
import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { evidenceWords } from '../evidenceWords.ts';
import { identityOfProcess } from './identityOfProcess.ts';
import { openLog } from './openLog.ts';
import type { RankRequest } from './rankRecords.ts';

/** What a shell answers for a program that is not there, and for one that cannot be run. */
const notFoundCode = 127;
const notRunnableCode = 126;
const signalCode = 128;

/** Between two looks whether the program's group is empty. Milliseconds. */
const lookMs = 20;
/** How long output may come after the group has ended: somebody outside of it can hold the pipe for ever. Milliseconds. */
const lateOutputMs = 1_000;

const folder = process.argv[2] ?? '';
const fileOf = (name: string): string => join(folder, name);

const syncNames = (): void => {
  const fd = openSync(folder, 'r');
  fsyncSync(fd);
  closeSync(fd);
};

const draftOf = (name: string, value: unknown): string => {
  const draft = fileOf(`${name}.${process.pid}`);
  // The program can write here, too: what it puts there may be a link, or a pipe that nobody reads.
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(draft, `${JSON.stringify(value)}\n`, { mode: 0o600, flush: true, flag: 'wx' });
  return draft;
};

const writeRecord = (name: string, value: unknown): void => {
  renameSync(draftOf(name, value), fileOf(name));
  syncNames();
};

const isFault = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** Takes the right to start this rank. Giving a file a second name, which must be free, is the step that only one can take. */
const claimRank = (): boolean => {
  const draft = draftOf('claim.json', { supervisor: identityOfProcess(process.pid) });
  try {
    linkSync(draft, fileOf('claim.json'));
    // A rank must not start again after a loss of power.
    syncNames();
    return true;
  } catch (error) {
    if (isFault(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
};

/** Output of the rank, up to a limit. */
class BoundedLog {
  readonly #fd = openLog(folder);
  readonly #bytesMax: number;
  #bytesLeft: number;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
    this.#bytesLeft = bytesMax;
  }

  /** Writes before it returns: while the disk is slow, nothing more is read from the program. */
  readonly write = (chunk: Buffer): void => {
    if (this.#bytesLeft <= 0) return;
    this.#append(chunk.subarray(0, this.#bytesLeft));
    this.#bytesLeft -= chunk.length;
    if (this.#bytesLeft <= 0) this.say(`the log has reached ${this.#bytesMax} bytes: the rest is dropped`);
  };

  /** A line of our own. */
  say(words: string): void {
    this.#append(Buffer.from(`\narchipel: ${words}\n`));
  }

  #append(bytes: Buffer): void {
    try {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#fd, bytes, written);
    } catch {
      // A full disk takes the output; the rank itself goes on.
    }
  }
}

const groupLives = (leader: number): boolean => {
  try {
    process.kill(-leader, 0);
    return true;
  } catch (error) {
    return isFault(error, 'EPERM');
  }
};

const signalGroup = (leader: number, signal: 'SIGTERM' | 'SIGKILL'): void => {
  try {
    process.kill(-leader, signal);
  } catch {
    // It has just ended.
  }
};

class SupervisedRank {
  readonly #request: RankRequest;
  readonly #log: BoundedLog;
  #child: ChildProcess | null = null;
  #isEnding = false;
  #outputEnded = false;

  constructor(request: RankRequest) {
    this.#request = request;
    this.#log = new BoundedLog(request.logBytes);
  }

  start(): void {
    const [program = ''] = this.#request.command;
    const child = this.#spawn(program);
    if (child !== null) this.#watch(child, program);
    // Whoever removed the folder has forgotten this rank; it would run for ever.
    setInterval(() => {
      if (!existsSync(fileOf('claim.json'))) this.terminate();
    }, this.#request.folderLookMs).unref();
  }

  /** Starts the program as leader of a session of its own: what it starts can be ended as one. */
  #spawn(program: string): ChildProcess | null {
    const { command, directory, environment } = this.#request;
    try {
      return spawn(program, command.slice(1), {
        cwd: directory,
        env: environment,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
        shell: false,
      });
    } catch (error) {
      this.#cannotStart(program, error);
      return null;
    }
  }

  #watch(child: ChildProcess, program: string): void {
    child.once('error', (error) => {
      if (child.pid === undefined) this.#cannotStart(program, error);
    });
    if (child.pid === undefined) return;
    this.#child = child;
    child.stdout?.on('data', this.#log.write);
    child.stderr?.on('data', this.#log.write);
    child.once('exit', (code, signal) => {
      const atMs = Date.now();
      this.#endRest({ code: code ?? signalCode + (signal ? constants.signals[signal] : 0), atMs, cause: null });
    });
    child.once('close', () => {
      this.#outputEnded = true;
    });
    writeRecord('started.json', { child: identityOfProcess(child.pid), atMs: Date.now() });
  }

  #cannotStart(program: string, error: unknown): void {
    const { directory } = this.#request;
    const words = error instanceof Error ? error.message : String(error);
    // A record that is too long would not be read, and the rank would be lost instead of ended.
    const cause = evidenceWords(
      existsSync(directory) ? `cannot start ${program}: ${words}` : `the directory ${directory} is not there`,
    );
    this.#log.say(cause);
    this.#close({ code: isFault(error, 'ENOENT') ? notFoundCode : notRunnableCode, atMs: Date.now(), cause });
  }

  /** The program has ended. What it left in its group has the grace to end, too: it may be writing the checkpoint. */
  #endRest(exit: object): void {
    const leader = this.#child?.pid ?? 0;
    const startedMs = performance.now();
    const look = (): void => {
      const passedMs = performance.now() - startedMs;
      if (!groupLives(leader)) this.#awaitOutput(exit);
      else if (passedMs > this.#request.graceMs + lateOutputMs) this.#close(exit);
      else {
        this.terminate();
        setTimeout(look, lookMs);
      }
    };
    look();
  }

  #awaitOutput(exit: object): void {
    const untilMs = performance.now() + lateOutputMs;
    const look = (): void => {
      if (this.#outputEnded || performance.now() > untilMs) this.#close(exit);
      else setTimeout(look, lookMs);
    };
    setImmediate(look);
  }

  #close(exit: object): void {
    writeRecord('exit.json', exit);
    process.exit(0);
  }

  /** SIGTERM to the program and all in its group, SIGKILL after the grace. */
  terminate(): void {
    const leader = this.#child?.pid;
    if (this.#isEnding || leader === undefined) return;
    this.#isEnding = true;
    signalGroup(leader, 'SIGTERM');
    setTimeout(() => signalGroup(leader, 'SIGKILL'), this.#request.graceMs);
  }

  /** To the program alone: what it starts need not know this signal, and would be ended by it. */
  askForCheckpoint(): void {
    this.#child?.kill('SIGUSR1');
  }

  /** We are about to die of a defect, and must leave nothing behind. */
  abandon(): void {
    if (this.#child?.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL');
  }
}

// Written by the executor, whole, before this process was started.
const rank = new SupervisedRank(JSON.parse(readFileSync(fileOf('request.json'), 'utf8')) as RankRequest);
process.on('uncaughtExceptionMonitor', () => rank.abandon());
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => rank.terminate());
process.on('SIGUSR1', () => rank.askForCheckpoint());
if (claimRank()) rank.start();
else process.exit(0);
