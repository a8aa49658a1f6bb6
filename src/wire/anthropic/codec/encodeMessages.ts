import type { AnswerContent, Message, UserPart } from '../../../vocabulary/index.ts';
import {
  answerBlock,
  contentOf,
  inputBlock,
  isBlank,
  textBlock,
  toolResultBlocks,
  type IdMap,
} from './encodeBlocks.ts';
import { callsIn, type Turn } from './pairedTurns.ts';
import type { RequestWriting, Written } from './RequestWriting.ts';
import { toolUseId } from './toolUseId.ts';

/** What stands for the user's turn that a conversation must begin with ("first message must use the "user" role"). */
const opening: Turn = { role: 'user', content: [{ type: 'text', text: '(start)' }] };

/** All system messages in a row, before the conversation: the vendor's models take them nowhere else. */
export const encodeSystem = (
  writing: RequestWriting,
  messages: readonly Message[],
  instruction: string | null,
): string | readonly Written[] | null => {
  const first = messages.findIndex((message) => message.role !== 'system');
  const isMoved = first !== -1 && messages.slice(first).some((message) => message.role === 'system');
  if (isMoved) writing.drop('system_position');
  const blocks = messages
    .flatMap((message) => (message.role === 'system' ? message.content : []))
    .filter((part) => !isBlank(part))
    .map((part) => textBlock(writing, part));
  if (instruction !== null) blocks.push({ type: 'text', text: instruction });
  return blocks.length === 0 ? null : contentOf(blocks);
};

/** Shapes the two ends of a conversation as the vendor wants them. */
export const withEnds = (writing: RequestWriting, turns: readonly Turn[]): readonly Turn[] => {
  const last = turns.at(-1);
  const ended = last?.role === 'assistant' ? [...turns.slice(0, -1), ...trimmed(last.content)] : turns;
  if (ended[0]?.role === 'user') return ended;
  writing.drop('first_message');
  return [opening, ...ended];
};

/** "final assistant content cannot end with trailing whitespace"; nor with thinking, once nothing stands after it. */
const trimmed = (content: readonly AnswerContent[]): readonly Turn[] => {
  const last = content.at(-1);
  if (last === undefined) return [];
  const rest = content.slice(0, -1);
  if (last.type === 'thinking' || last.type === 'redacted-thinking') return trimmed(rest);
  if (last.type === 'tool-call') return [{ role: 'assistant', content }];
  return [{ role: 'assistant', content: [...rest, { ...last, text: last.text.trimEnd() }] }];
};

export const encodeTurns = (writing: RequestWriting, turns: readonly Turn[]): readonly Written[] => {
  const ids = new CallIds();
  return turns.flatMap((turn) => {
    if (turn.role === 'assistant') ids.enter(turn);
    const blocks =
      turn.role === 'user' ? userBlocks(writing, turn.content, ids.map) : answerBlocks(writing, turn.content, ids.map);
    return blocks.length === 0 ? [] : [{ role: turn.role, content: contentOf(blocks) }];
  });
};

/** The results of calls come first: "tool_result blocks must come first in the content array". */
const userBlocks = (writing: RequestWriting, content: readonly UserPart[], mapId: IdMap): readonly Written[] => {
  const results = content
    .filter((part) => part.type === 'tool-result')
    .map((part) => toolResultBlocks(writing, part, mapId));
  const others = content.flatMap((part) => (part.type === 'tool-result' ? [] : [inputBlock(writing, part)]));
  return [...results.map(({ result }) => result), ...results.flatMap(({ beside }) => beside), ...others];
};

const answerBlocks = (writing: RequestWriting, content: readonly AnswerContent[], mapId: IdMap): readonly Written[] =>
  content.map((part) => answerBlock(writing, part, mapId)).filter((block) => block !== null);

/**
 * Ids of calls as they are sent. Some vendors number the calls of each answer anew; here an id stands once in a conversation
 * ("`tool_use` ids must be unique"), so that a later one of the same name gets another, always the same.
 */
class CallIds {
  readonly #seen = new Map<string, number>();
  #ofTurn = new Map<string, string>();

  /** Begins a turn with calls; the results in the turn after it are of these. */
  enter(turn: Turn): void {
    this.#ofTurn = new Map(callsIn(turn).map(({ id }) => [id, this.#next(id)]));
  }

  readonly map: IdMap = (id) => this.#ofTurn.get(id) ?? toolUseId(id);

  #next(id: string): string {
    const count = (this.#seen.get(id) ?? 0) + 1;
    this.#seen.set(id, count);
    return toolUseId(count === 1 ? id : `${id} #${count}`);
  }
}
