import type { AnswerContent, Seal, ToolCallPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import type { OpenCalls } from './OpenCalls.ts';
import { sealOf } from './sealOf.ts';

const membersOfCall = new Set(['id', 'name', 'args']);

/** Reads a part of an earlier answer. A signature may stand on a text, on a thought, on a call, or alone. */
export const decodeModelPart = (part: ObjectReader, calls: OpenCalls): readonly AnswerContent[] => {
  const signature = part.text('thoughtSignature') ?? '';
  const seal = signature === '' ? null : sealOf(signature);
  const call = part.nested('functionCall');
  if (call !== null) return [decodeCall(call, seal, calls)];
  if (part.has('functionResponse')) {
    return part.refuse('functionResponse', 'stands in contents of the role "user" only', []);
  }
  if (part.has('inlineData') || part.has('fileData')) {
    // A picture or a sound that the vendor's model made.
    part.notes.native('parts.inlineData');
    return [];
  }
  return decodeWords(part.text('text') ?? '', part.flag('thought') === true, seal);
};

const decodeWords = (text: string, isThought: boolean, seal: Seal | null): readonly AnswerContent[] => {
  if (text === '' && seal === null) return [];
  if (isThought) return [{ type: 'thinking', text, seal }];
  return [{ type: 'text', text, ...(seal === null ? {} : { seal }) }];
};

const decodeCall = (call: ObjectReader, seal: Seal | null, calls: OpenCalls): ToolCallPart => {
  call.nativeOthers(membersOfCall, 'functionCall');
  const name = call.requiredText('name');
  return {
    type: 'tool-call',
    id: calls.call(call.text('id'), name, call.path),
    name,
    arguments: JSON.stringify(call.nested('args')?.object ?? {}),
    ...(seal === null ? {} : { seal }),
  };
};
