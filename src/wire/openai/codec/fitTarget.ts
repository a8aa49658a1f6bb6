import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** Members that only tune, with the names by which they are told. */
const tuning: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  reasoning_effort: 'reasoning',
  user: 'user',
};

const bound = 'max_completion_tokens';
const olderBound = 'max_tokens';

/**
 * Leaves out what the target is known to refuse, where it only tunes; gives the output bound its older name where the target knows no other.
 * What shapes the answer cannot be left out: then the request is one for another target.
 */
export const fitTarget = (body: JsonObject, notes: WritingNotes): JsonObject =>
  Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      if (!notes.lacks(name)) return [[name, value]];
      const told = tuning[name];
      if (told !== undefined) notes.drop(told);
      // Several calls at once are what a model makes unless it is told otherwise.
      if (told !== undefined || (name === 'parallel_tool_calls' && value === true)) return [];
      if (name === bound && !notes.lacks(olderBound)) return [[olderBound, value]];
      return notes.refuse(name, `This target does not take \`${name}\``, []);
    }),
  );
