import { isJsonObject, listIn, parseJson, type JsonObject } from '../json/JsonObject.ts';
import { utf8Text } from '../utf8.ts';
import type { RequestFacts } from '../wire.ts';
import { generationOf } from './codec/generationOf.ts';
import { noSignature } from './codec/noSignature.ts';
import { spellings } from './spellings.ts';

/**
 * JSON text of `contents` without the signatures of earlier answers, which another model or account has given; null where there is nothing to change. Calls get
 * what stands for a signature that is lost, where models want one.
 * @param model The vendor's name of it.
 */
export const withoutSignatures = (body: Uint8Array, { members }: RequestFacts, model: string): string | null => {
  const member = members.find(({ key }) => key === 'contents');
  const contents = member === undefined ? null : parseJson(utf8Text(body, member.start, member.end));
  if (!isList(contents)) return null;
  const isWanted = generationOf(model) >= 3;
  const changed = JSON.stringify(
    contents.map((content) => (isAnswer(content) ? unsigned(content, isWanted) : content)),
  );
  return changed === JSON.stringify(contents) ? null : changed;
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isAnswer = (content: unknown): content is JsonObject => isJsonObject(content) && content['role'] === 'model';

const unsigned = (content: JsonObject, isWanted: boolean): JsonObject => {
  const parts = listIn(content, 'parts').map((part) => (isJsonObject(part) ? withoutMembers(part) : part));
  // Of calls beside one another only the first is signed.
  const first = isWanted ? parts.findIndex((part) => isJsonObject(part) && isCall(part)) : -1;
  return { ...content, parts: parts.map((part, index) => (index === first ? withNone(part) : part)) };
};

const signatureNames: readonly string[] = spellings('thoughtSignature');

const withoutMembers = (part: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(part).filter(([name]) => !signatureNames.includes(name)));

const isCall = (part: JsonObject): boolean => spellings('functionCall').some((name) => name in part);

const withNone = (part: unknown): unknown => (isJsonObject(part) ? { ...part, thoughtSignature: noSignature } : part);
