import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { errorMessage } from '../kernel/index.ts';
import { UsageError } from './Command.ts';

/** A file that was named on the command line, as pieces of its text, so that it may be longer than memory. @throws UsageError where it cannot be read, or is not UTF-8. */
export async function* readNamedPieces(cwd: string, file: string): AsyncGenerator<string> {
  const letters = new TextDecoder('utf-8', { fatal: true });
  const textOf = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? letters.decode() : letters.decode(bytes, { stream: true });
    } catch {
      throw new UsageError(`${file} is no UTF-8 text: save it as comma-separated values in UTF-8, not as a workbook`);
    }
  };
  const pieces: AsyncIterable<Buffer> = createReadStream(resolve(cwd, file));
  try {
    for await (const bytes of pieces) yield textOf(bytes);
    yield textOf();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} cannot be read: ${errorMessage(error)}`);
  }
}
