import type { WritingNotes } from './WritingNotes.ts';

/** Longest piece of a client's own words in a message to it. */
const shownLengthMax = 80;

/** Words of the client's as a message to it shows them. */
export const shown = (words: string): string => JSON.stringify(words.slice(0, shownLengthMax));

const namePattern = /^[a-zA-Z0-9_-]+$/;

/** Checks that a target takes the name of a tool. @param lengthMax Most characters of it. @param parameter Where it stands. */
export const checkToolName = (name: string, lengthMax: number, parameter: string, notes: WritingNotes): void => {
  if (namePattern.test(name) && name.length <= lengthMax) return;
  const rule = `it may have ${lengthMax} letters, digits, "_" and "-"`;
  notes.refuse(parameter, `This target takes no tool by the name ${shown(name)}: ${rule}`, null);
};
