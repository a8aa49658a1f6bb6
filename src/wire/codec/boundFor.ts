import type { GenerateRequest } from '../../vocabulary/index.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** The caller's bound of the output as a target takes it: a model that cannot say as much cuts the answer there anyway, and says so; a larger one would be refused. */
export const boundFor = ({ outputTokensMax }: GenerateRequest, notes: WritingNotes): number | null => {
  if (outputTokensMax === null) return null;
  const bound = Math.min(outputTokensMax, notes.target.outputTokensMax ?? outputTokensMax);
  if (bound < outputTokensMax) notes.drop('max_tokens');
  return bound;
};
