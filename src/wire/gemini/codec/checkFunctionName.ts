import { shown } from '../../codec/checkToolName.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';

/** "Must start with a letter or an underscore. Must be a-z, A-Z, 0-9, or contain underscores, dots, colons and dashes, with a maximum length of 128." */
const namePattern = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}$/;

/** Checks that this wire takes the name of a function. @param parameter Where it stands. */
export const checkFunctionName = (name: string, parameter: string, notes: WritingNotes): void => {
  if (namePattern.test(name)) return;
  const rule = 'it must begin with a letter or "_" and may have 128 letters, digits, "_", ".", ":" and "-"';
  notes.refuse(parameter, `This target takes no tool by the name ${shown(name)}: ${rule}`, null);
};
