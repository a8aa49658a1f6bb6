import type { FilePart, ImagePart, TextPart, ToolResultPart, UserPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { decodeMedia } from './decodeMedia.ts';
import type { OpenCalls } from './OpenCalls.ts';

/** Reads a part of what the user says. A signature means nothing there. */
export const decodeUserPart = (part: ObjectReader, calls: OpenCalls): readonly UserPart[] => {
  const response = part.nested('functionResponse');
  if (response !== null) return [decodeResult(response, calls)];
  if (part.has('functionCall')) return part.refuse('functionCall', 'stands in contents of the role "model" only', []);
  if (part.has('inlineData') || part.has('fileData')) return decodeMedia(part);
  const text = part.text('text') ?? '';
  return text === '' ? [] : [{ type: 'text', text }];
};

const membersOfResponse = new Set(['id', 'name', 'response', 'parts', 'willContinue', 'scheduling']);

const decodeResult = (response: ObjectReader, calls: OpenCalls): ToolResultPart => {
  response.nativeOthers(membersOfResponse, 'functionResponse');
  // Results in several pieces, and when the model hears of them, are of conversations in real time.
  if (response.flag('willContinue') === true) response.notes.native('functionResponse.willContinue');
  if (response.has('scheduling')) response.notes.hint('functionResponse.scheduling');
  const said = resultOf(response.nested('response')?.object ?? {});
  return {
    type: 'tool-result',
    callId: calls.result(response.text('id'), response.requiredText('name'), response.path),
    content: [...said.content, ...response.objects('parts').flatMap(decodeResultMedia)],
    isError: said.isError,
  };
};

const decodeResultMedia = (part: ObjectReader): readonly (ImagePart | FilePart)[] =>
  decodeMedia(part).flatMap((media) => {
    if (media.type !== 'audio') return [media];
    part.notes.native('functionResponse.parts.audio');
    return [];
  });

/** Members that hold the whole of a result: the vendor's own words for it, and what its clients write instead. */
const wholes = ['output', 'result'];

/**
 * What a function answered: an object, in which `output` holds a result and `error` what went wrong. Any other object is told as its JSON.
 * Source: @google/genai 3.3.0, `FunctionResponse.response`.
 */
const resultOf = (response: JsonObject): { readonly content: readonly TextPart[]; readonly isError: boolean } => {
  const [only, ...more] = Object.entries(response);
  if (only === undefined) return { content: [], isError: false };
  const [name, value] = only;
  if (more.length === 0 && (wholes.includes(name) || name === 'error')) {
    return { content: textOf(value), isError: name === 'error' };
  }
  return { content: textOf(response), isError: false };
};

const textOf = (value: unknown): readonly TextPart[] => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? [] : [{ type: 'text', text }];
};
