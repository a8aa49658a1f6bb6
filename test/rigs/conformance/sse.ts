// Server-sent events, written and read apart from the program (html.spec.whatwg.org, "Event stream interpretation").
import type { Json } from './Words.ts';

/** One event with JSON data. @param type What stands in its line "event"; none where the wire has none. */
export const sseEvent = (data: object, type?: string): Uint8Array =>
  Buffer.from(`${type === undefined ? '' : `event: ${type}\n`}data: ${JSON.stringify(data)}\n\n`);

/** The data of each event of a stream, in order, comments left out. */
export const sseData = (text: string): readonly string[] =>
  text.split(/\r?\n\r?\n/).flatMap((event) => {
    const lines = event.split(/\r?\n/).filter((line) => line.startsWith('data:'));
    return lines.length === 0 ? [] : [lines.map((line) => line.slice('data:'.length).replace(/^ /, '')).join('\n')];
  });

/** The same, parsed; what is no JSON, as the mark at the end of a chat, is left out. */
export const sseJson = (text: string): readonly Json[] =>
  sseData(text).flatMap((data) => (data.startsWith('{') ? [JSON.parse(data)] : []));
