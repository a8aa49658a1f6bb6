import { parseJson } from '../../json/JsonObject.ts';
import { utf8Text } from '../../utf8.ts';
import { memberOf } from './keptItems.ts';

const lineMark = '\ndata: ';
const ends: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete']);

/** The response in the last bytes that a client gets of it. The last event of a stream has it whole. */
export const answerIn = (lastBytes: Uint8Array, streamed: boolean): Uint8Array | null => {
  if (!streamed) return memberOf(lastBytes, 'output') === null ? null : lastBytes;
  const bytes = Buffer.from(lastBytes.buffer, lastBytes.byteOffset, lastBytes.length);
  const at = bytes.lastIndexOf(lineMark);
  if (at < 0) return null;
  const from = at + lineMark.length;
  const event = bytes.subarray(from, bytes.indexOf('\n', from));
  const type = memberOf(event, 'type');
  return type !== null && ends.has(parseJson(utf8Text(type))) ? memberOf(event, 'response') : null;
};
