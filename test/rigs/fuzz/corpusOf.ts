import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../fixtures/fuzz');

/** An input that was once read wrongly, here or elsewhere, or that is easily read wrongly. */
export interface CorpusInput {
  /** File name: "accepts-..." or "refuses-...". */
  readonly name: string;
  readonly bytes: Buffer;
  readonly accepted: boolean;
}

/** All kept inputs of a parser. @throws where there is none, so that no test is about nothing. */
export const corpusOf = (parser: string): readonly CorpusInput[] => {
  const names = readdirSync(join(folder, parser)).toSorted();
  if (names.length === 0) throw new Error(`no input is kept for ${parser}`);
  return names.map((name) => {
    if (!/^(?:accepts|refuses)-/.test(name))
      throw new Error(`${parser}/${name}: say whether it is accepted or refused`);
    return { name, bytes: readFileSync(join(folder, parser, name)), accepted: name.startsWith('accepts-') };
  });
};
