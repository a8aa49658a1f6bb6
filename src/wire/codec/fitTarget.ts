import type { JsonObject } from '../json/JsonObject.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** What of a wire's members can be left out, or said otherwise, for a target that is known to refuse it. */
export interface Tuning {
  /** Members that only tune, with the names by which they are told. */
  readonly told: Readonly<Record<string, string>>;
  /** The output bound, and its older name where it has one. */
  readonly bound: string;
  readonly olderBound: string | null;
}

/**
 * Leaves out what the target is known to refuse, where it only tunes; gives the output bound its older name where the target knows no other.
 * What shapes the answer cannot be left out: then the request is one for another target.
 */
export const fitTarget = (body: JsonObject, { told, bound, olderBound }: Tuning, notes: WritingNotes): JsonObject =>
  Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      if (!notes.lacks(name)) return [[name, value]];
      const hint = told[name];
      if (hint !== undefined) notes.drop(hint);
      // Several calls at once are what a model makes unless it is told otherwise.
      if (hint !== undefined || (name === 'parallel_tool_calls' && value === true)) return [];
      if (name === bound && olderBound !== null && !notes.lacks(olderBound)) return [[olderBound, value]];
      return notes.refuse(name, `This target does not take \`${name}\``, []);
    }),
  );
