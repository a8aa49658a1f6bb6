import type { Turn } from './pairedTurns.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** What stands for the user's turn that a conversation must begin with (Anthropic: "first message must use the "user" role"). */
const opening: Turn = { role: 'user', content: [{ type: 'text', text: '(start)' }] };

/** The turns of a conversation that begins with the user. */
export const withOpening = (turns: readonly Turn[], notes: WritingNotes): readonly Turn[] => {
  if (turns[0]?.role === 'user') return turns;
  notes.drop('first_message');
  return [opening, ...turns];
};
