import { open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointOf, type Checkpoint } from '../spool/Checkpoint.ts';

/** A segment as far as it was written when it was opened. Its bytes stay, even if its name goes. */
interface HeldSegment {
  readonly name: string;
  readonly number: number;
  readonly bytes: number;
  readonly handle: FileHandle;
}

const segmentName = /^segment-(\d{12})\.spool$/;

const chunkBytes = 256 * 1024;

const textIn = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

const namesIn = (directory: string): Promise<readonly string[]> =>
  readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

/**
 * A spool as it was at one moment, although the program goes on writing it. The order of things makes it whole: the checkpoint is read first,
 * then the caller fixes its view of the database, then the segments are opened. So the view has all that the checkpoint says is in the database,
 * and the segments have all that is not in the view.
 */
export class SpoolSnapshot {
  readonly #directory: string;
  /** As it stood on disk; null where there was none. */
  readonly checkpointText: string | null;
  readonly checkpoint: Checkpoint | null;
  #segments: HeldSegment[] = [];

  private constructor(directory: string, text: string | null) {
    this.#directory = directory;
    this.checkpoint = text === null ? null : checkpointOf(text);
    this.checkpointText = this.checkpoint === null ? null : text;
  }

  static async begin(directory: string): Promise<SpoolSnapshot> {
    return new SpoolSnapshot(directory, await textIn(join(directory, 'checkpoint.json')));
  }

  get segments(): readonly { readonly name: string; readonly bytes: number }[] {
    return this.#segments;
  }

  /** Opens the segments. @returns whether all are there that the checkpoint needs; else begin again, with a newer one. */
  async take(): Promise<boolean> {
    const names = (await namesIn(this.#directory)).filter((name) => segmentName.test(name)).toSorted();
    for (const name of names) {
      const handle = await open(join(this.#directory, name), 'r').catch(() => null);
      // Shipped and deleted between the list and now.
      if (handle === null) continue;
      const { size } = await handle.stat();
      this.#segments.push({ name, number: Number(segmentName.exec(name)?.[1]), bytes: size, handle });
    }
    if (this.checkpoint === null) return true;
    const needed = Math.min(this.checkpoint.shipped.segment, this.checkpoint.oldestOpenSegment);
    const [first] = this.#segments;
    if (first !== undefined && first.number <= needed) return true;
    // Segments are deleted behind a newer checkpoint only: under the old one, what is not here never held anything.
    return (await textIn(join(this.#directory, 'checkpoint.json'))) === this.checkpointText;
  }

  /** The bytes of a segment that was taken. */
  async *bytesOf(name: string): AsyncGenerator<Buffer> {
    const segment = this.#segments.find((held) => held.name === name);
    if (segment === undefined) throw new Error(`no segment ${name} was taken`);
    for (let at = 0; at < segment.bytes;) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, segment.bytes - at));
      const { bytesRead } = await segment.handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async release(): Promise<void> {
    for (const { handle } of this.#segments.splice(0)) await handle.close();
  }
}
