import { assert } from '../../kernel/index.ts';
import { scanTopLevel } from '../json/scanTopLevel.ts';
import { splice } from '../json/splice.ts';
import { EditList } from '../request/EditList.ts';
import type { EditedRequest, RequestEdits, RequestFacts } from '../wire.ts';
import { withoutThinking } from './withoutThinking.ts';

const bound = 'max_completion_tokens';

/**
 * Edits a body for one target. Usage is asked for in streams only, and merged into the client's own `stream_options`; an output bound is
 * set only where the client set none, under the name that this target takes.
 */
export const editRequest = (body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const list = new EditList(body, facts);
  list.setModel(edits.model);
  list.correct({ ...edits, drop: droppable(facts, edits) });
  const messages = edits.withoutThinking === true ? withoutThinking(body, facts) : null;
  if (messages !== null) list.set('messages', messages, '-reasoning_content');
  const optionsDropped = edits.drop?.includes('stream_options') ?? false;
  if (edits.askUsage && facts.stream && !facts.usageAsked && !optionsDropped) {
    list.set('stream_options', optionsWithUsage(body, facts), 'stream_options.include_usage');
  }
  if (edits.outputBoundTokens !== undefined && facts.outputBoundTokens === null) {
    const name = edits.rename?.[bound] ?? bound;
    list.set(name, String(edits.outputBoundTokens), name);
  }
  return list.apply();
};

/** That a target refuses to be told not to think says nothing about efforts that other requests ask of it. */
const droppable = ({ thinkingOff = false }: RequestFacts, { drop = [] }: RequestEdits): readonly string[] =>
  thinkingOff ? drop : drop.filter((name) => name !== 'reasoning_effort');

const askForUsage = { key: 'include_usage', value: 'true' };

const optionsWithUsage = (body: Uint8Array, facts: RequestFacts): string | Uint8Array => {
  const options = facts.members.find((member) => member.key === 'stream_options');
  if (options?.kind !== 'object') return `{"${askForUsage.key}":${askForUsage.value}}`;
  const bytes = body.subarray(options.start, options.end);
  const scanned = scanTopLevel(bytes);
  assert(scanned.ok, 'stream_options was read before');
  const member = scanned.value.find((one) => one.key === askForUsage.key);
  const edit =
    member === undefined
      ? { kind: 'insert' as const, ...askForUsage }
      : { kind: 'replace' as const, member, value: 'true' };
  return splice(bytes, scanned.value, [edit]);
};
