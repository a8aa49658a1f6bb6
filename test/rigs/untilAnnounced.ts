import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';
import { keepServer, noteServer } from './canaries/keepServer.ts';
import type { OutputKeeper } from './canaries/OutputKeeper.ts';

/** What a server says of itself once it serves. */
interface Announcement {
  readonly url: string;
  readonly adminUrl: string;
  readonly key: string | null;
  readonly adminKey: string;
  readonly dataDir: string;
  readonly pid: number;
}

/** What it said, and whatever it writes. */
export interface Announced extends Announcement {
  /** Keeps what it writes, where the run looks for secrets in it. */
  readonly keeper: OutputKeeper;
  /** All that it wrote to stderr so far. */
  stderr(): string;
  /** All that it wrote to stdout so far. */
  stdout(): string;
}

/** Waits until a program that was just started says that it serves. @throws Error with its stderr when it ends instead. */
export const untilAnnounced = async (child: ChildProcessByStdio<null, Readable, Readable>): Promise<Announced> => {
  const keeper = keepServer(child);
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
      const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
      const announcement = whole.split('\n').find((text) => text.startsWith('{'));
      if (announcement !== undefined) resolve(announcement);
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`archipel up ended with ${code}:\n${stderr}`)));
  });
  const said: Announcement = JSON.parse(line);
  noteServer(said);
  return { ...said, keeper, stdout: () => stdout, stderr: () => stderr };
};
