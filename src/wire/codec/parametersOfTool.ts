import type { Tool } from '../../vocabulary/index.ts';
import type { JsonObject } from '../json/JsonObject.ts';
import { shown } from './checkToolName.ts';
import { withProperties } from './withProperties.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** The schema of a tool's arguments with its type, which is an object's, since no vendor takes another, and with its properties, be they none. */
export const parametersOfTool = ({ name, parameters }: Tool, notes: WritingNotes): JsonObject => {
  const { type = 'object' } = parameters;
  if (type === 'object') return withProperties({ type, ...parameters });
  const message = `The parameters of the tool ${shown(name)} must be a JSON Schema of the type "object"`;
  return notes.reject('tools', message, {});
};
