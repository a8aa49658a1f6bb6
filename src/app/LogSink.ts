/** Hands a text to the operating system. @returns how many of its bytes it took. @throws Error where it takes none */
export type WriteText = (bytes: Uint8Array) => number;

const lineEnd = Buffer.from('\n');

/**
 * Where lines of a log go. A place that takes nothing, because its disk is full or its reader is gone or stands still, is no reason to end or to wait:
 * the line is lost, and how many were is told once lines are taken again.
 */
export class LogSink {
  readonly #write: WriteText;
  readonly #lossLine: (lines: number) => string;
  #lost = 0;
  /** Whether the last thing that was taken was a part of a line. */
  #isBroken = false;

  /** @param lossLine makes the line that tells how many were lost. */
  constructor(write: WriteText, lossLine: (lines: number) => string) {
    this.#write = write;
    this.#lossLine = lossLine;
  }

  /** @param line its line end included. */
  write(line: string): void {
    const before = this.#lost;
    if (before > 0 && this.#take(this.#lossLine(before))) this.#lost -= before;
    if (!this.#take(line)) this.#lost += 1;
  }

  #take(line: string): boolean {
    const text = Buffer.from(line);
    const bytes = this.#isBroken ? Buffer.concat([lineEnd, text]) : text;
    try {
      const count = this.#write(bytes);
      if (count > 0) this.#isBroken = count < bytes.length;
      return count === bytes.length;
    } catch {
      return false;
    }
  }
}
