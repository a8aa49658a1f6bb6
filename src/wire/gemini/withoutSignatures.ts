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
    contents.flatMap((content): readonly unknown[] => (isAnswer(content) ? unsigned(content, isWanted) : [content])),
  );
  return changed === JSON.stringify(contents) ? null : changed;
};

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

const isAnswer = (content: unknown): content is JsonObject => isJsonObject(content) && content['role'] === 'model';

/** What was nothing but a signature goes whole: the vendor refuses a part without anything in it, and an answer without parts. */
const unsigned = (content: JsonObject, isWanted: boolean): readonly JsonObject[] => {
  const given = listIn(content, 'parts');
  const parts = given
    .map((part) => (isJsonObject(part) ? withoutMembers(part) : part))
    .filter((part) => !isEmpty(part));
  if (parts.length === 0 && given.length > 0) return [];
  // Of calls beside one another only the first is signed.
  const first = isWanted ? parts.findIndex((part) => isJsonObject(part) && isCall(part)) : -1;
  return [{ ...content, parts: parts.map((part, index) => (index === first ? withNone(part) : part)) }];
};

const signatureNames: readonly string[] = spellings('thoughtSignature');

const withoutMembers = (part: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(part).filter(([name]) => !signatureNames.includes(name)));

/** Clients whose JSON leaves out what is empty give a signature back without the empty text that it came with. */
const isEmpty = (part: unknown): boolean => isJsonObject(part) && Object.keys(part).every((name) => name === 'thought');

const isCall = (part: JsonObject): boolean => spellings('functionCall').some((name) => name in part);

const withNone = (part: unknown): unknown => (isJsonObject(part) ? { ...part, thoughtSignature: noSignature } : part);
