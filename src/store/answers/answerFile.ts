import { z } from 'zod';
import { keyOfAnswer, type KeptAnswer } from '../../gateway/index.ts';
import { failure, isUuidV7, success, type Result } from '../../kernel/index.ts';
import type { KeptParts } from '../keptFile/KeptFile.ts';

const aboutSchema = z.strictObject({
  requestId: z.string().refine(isUuidV7),
  owner: z.string(),
  previous: z.string().refine(isUuidV7).nullable(),
});

/** One line: a client may write its JSON in many, and a line end inside of a text is escaped there. */
const lineOf = (json: Uint8Array): string =>
  Buffer.from(json)
    .toString('utf8')
    .replaceAll(/[\r\n]/g, ' ');

/** Parts of the file of an answer. */
export const partsOfAnswer = ({ requestId, owner, previous, input, answer }: KeptAnswer): KeptParts =>
  new Map([
    ['about', JSON.stringify({ requestId, owner, previous })],
    ...(input.length === 0 ? [] : [['input', lineOf(input)] as const]),
    ['answer', lineOf(answer)],
  ]);

const bytesOf = (text: string | undefined): Uint8Array => Buffer.from(text ?? '');

const parsed = (text: string | undefined): unknown => {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
};

/** Reads them back. @param key What the file is called after. @returns as a fault, in words, why it is not the answer that it should be */
export const answerOfParts = (parts: KeptParts, key: string): Result<KeptAnswer, string> => {
  const about = aboutSchema.safeParse(parsed(parts.get('about')));
  if (!about.success || !parts.has('answer')) return failure('a part of it is missing');
  const { owner, requestId } = about.data;
  if (keyOfAnswer(owner, requestId) !== key) return failure('it is about another answer than its name says');
  return success({ ...about.data, input: bytesOf(parts.get('input')), answer: bytesOf(parts.get('answer')) });
};
