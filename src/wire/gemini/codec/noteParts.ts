import type { ObjectReader } from '../../codec/ObjectReader.ts';

/** Members of a part that the vocabulary has a word for. */
const translated: ReadonlySet<string> = new Set([
  'text',
  'thought',
  'thoughtSignature',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
]);

/** How closely a picture is looked at, and labels of the client's. */
const hints: ReadonlySet<string> = new Set(['mediaResolution', 'partMetadata']);

/** Notes what else stands in a part: code that the vendor ran, calls of its own tools, pieces of a video, words of the future. */
export const noteParts = (part: ObjectReader): void => {
  for (const name of part.others(translated)) {
    if (hints.has(name)) part.notes.hint(`parts.${name}`);
    else part.notes.native(`parts.${name}`);
  }
};
