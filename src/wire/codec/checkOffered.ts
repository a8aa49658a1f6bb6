import type { GenerateRequest } from '../../vocabulary/index.ts';
import { shown } from './checkToolName.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** Checks that a tool which must be called is one of those that are offered: every vendor refuses another. */
export const checkOffered = ({ tools }: GenerateRequest, name: string, notes: WritingNotes): void => {
  if (tools.some((tool) => tool.name === name)) return;
  notes.reject('tool_choice', `\`tool_choice\` names the tool ${shown(name)}, which is not among the tools`, null);
};
