import type { BodyScan } from '../wire/index.ts';

/** Bytes that are scanned in one turn of the event loop: 0.2 ms of text, and 1.6 ms where a body is nothing but brackets. */
export const scannedInTurnBytes = 131_072;

interface Waiting {
  readonly scan: BodyScan;
  readonly end: () => void;
}

/** Brings scans of large bodies to their ends, one step in a turn of the event loop, whoever's turn it is. */
export class ScanTurns {
  readonly #waiting: Waiting[] = [];

  /** Resolves when the scan has come to its end. */
  finish(scan: BodyScan): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ scan, end: resolve });
    if (this.#waiting.length === 1) this.#goOn();
    return promise;
  }

  #goOn(): void {
    setImmediate(() => {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (next.scan.advance(scannedInTurnBytes)) next.end();
      else this.#waiting.push(next);
      if (this.#waiting.length > 0) this.#goOn();
    });
  }
}
