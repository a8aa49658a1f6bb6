import type { Member } from '../json/scanTopLevel.ts';
import { varyingLines } from './varyingLines.ts';

/** Where requests of a wire say what stays the same from turn to turn. */
export interface StartGrammar {
  /** Members that the model reads before all turns. */
  readonly before: readonly string[];
  /** The member with the turns. */
  readonly turns: string;
}

/** The bytes with which all requests of a conversation begin, as far as a scan of the body knows where they stand. */
export interface ConversationStart {
  /** What the model is told before all turns, and its tools: of each member, without lines that vary. */
  readonly before: readonly Uint8Array[];
  /** The first turns up to the last of the user's before anybody answers; null where there are none. */
  readonly opening: Uint8Array | null;
}

/** Roles in turns that stand before the user's. */
const leading: ReadonlySet<string> = new Set(['system', 'developer']);
/** How far from the ends of a turn its role is looked for, and a mark for the cache. Bytes. */
const windowBytes = 192;
const cacheMark = '"cache_control"';

/** How the requests of a conversation begin. A few microseconds, however long they are: content is looked at by its ends alone. */
export const conversationStart = (
  body: Uint8Array,
  members: readonly Member[],
  { before, turns }: StartGrammar,
): ConversationStart => {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length);
  const list = members.find(({ key }) => key === turns);
  return {
    before: members
      .filter(({ key, kind }) => kind !== 'null' && before.includes(key))
      .map((member) => body.subarray(steadyFrom(bytes, member), member.end)),
    opening: list === undefined ? null : body.subarray(list.start, openingEnd(bytes, list)),
  };
};

/** Where a member begins to say the same in each turn. */
const steadyFrom = (bytes: Buffer, { start, firstEnds }: Member): number => {
  let from = start;
  for (const end of firstEnds) {
    const text = bytes.toString('latin1', from, Math.min(end, from + windowBytes));
    if (!varyingLines.some((line) => text.includes(`"${line}`))) break;
    from = end;
  }
  return from;
};

const openingEnd = (bytes: Buffer, { start, end, kind, firstEnds }: Member): number => {
  if (kind !== 'array') return end;
  let openingEnds = start;
  let isUsers = false;
  for (const turnEnd of firstEnds) {
    const role = roleIn(bytes, openingEnds, turnEnd);
    const isLeading = leading.has(role);
    if (isUsers ? role !== 'user' : !isLeading && role !== 'user') break;
    isUsers ||= !isLeading;
    openingEnds = turnEnd;
  }
  return withoutMark(bytes, start, openingEnds);
};

const rolePattern = /"role"\s*:\s*"([a-z]+)"/;

/** A turn that names none is the user's, unless it is an item of another type than a message. */
const roleIn = (bytes: Buffer, start: number, end: number): string => {
  const head = bytes.toString('latin1', start, Math.min(end, start + windowBytes));
  const [, role] =
    rolePattern.exec(head) ?? rolePattern.exec(bytes.toString('latin1', Math.max(start, end - windowBytes), end)) ?? [];
  return role ?? (head.includes('"type"') ? 'item' : 'user');
};

/** Marks for the cache move on with the conversation: that of the last part is left out, with all that closes it. */
const withoutMark = (bytes: Buffer, start: number, end: number): number => {
  const closed = trimmed(bytes, start, end, ']} \n\r\t');
  const from = Math.max(start, closed - windowBytes);
  const at = bytes.toString('latin1', from, closed).lastIndexOf(cacheMark);
  const isLast = at !== -1 && !bytes.toString('latin1', from + at, closed).includes('}');
  return isLast ? trimmed(bytes, start, from + at, ', \n\r\t') : closed;
};

const trimmed = (bytes: Buffer, start: number, end: number, letters: string): number => {
  let at = end;
  while (at > start && letters.includes(String.fromCharCode(bytes[at - 1] ?? 0))) at -= 1;
  return at;
};
