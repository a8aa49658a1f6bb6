import type { Principal } from '../../access/index.ts';
import type { KeptTexts } from '../../wire/index.ts';

// Not by import: each export of it would be read.
const { hash } = process.getBuiltinModule('node:crypto');

/** An answer that is kept here because the target that gave it keeps none, with what its request brought. */
export interface KeptAnswer extends KeptTexts {
  readonly owner: string;
  /** Request id of the answer that its request went on from; null where it began. */
  readonly previous: string | null;
}

/** Where answers are kept that later requests go on from, or ask for. Nobody is given what is another's. */
export interface AnswerKeeper {
  /** Whether answers are kept now. */
  readonly isOpen: boolean;
  /** Keeps an answer: it is found from now on. Resolves once it is on disk, or cannot be; is not rejected. */
  keep(answer: KeptAnswer): Promise<void>;
  /** Null where there is none, or none of this owner's, or none any more. Is not rejected. */
  find(owner: string, requestId: string): Promise<KeptAnswer | null>;
  /** @returns whether there was one of this owner's. @throws Error of the disk: then it is there still */
  remove(owner: string, requestId: string): Promise<boolean>;
}

/** Whose an answer is: its team's, so that it outlives a key that is replaced. */
export const ownerOf = ({ organisation, team }: Pick<Principal, 'organisation' | 'team'>): string =>
  JSON.stringify([organisation, team]);

/** What an answer is found by; letters, digits, "-" and ".", 69 in all. Who asks for another's asks for what is not there. */
export const keyOfAnswer = (owner: string, requestId: string): string =>
  `${requestId}.${hash('sha256', owner, 'hex').slice(0, 32)}`;

/** What stands for the owner in the key of an answer. */
export const ownerInKey = (key: string): string => key.slice(key.indexOf('.') + 1);

/** What an answer takes beside its texts. */
const answerBytes = 512;

/** Bytes that an answer counts as. */
export const bytesOfAnswer = ({ input, answer }: KeptTexts): number => input.length + answer.length + answerBytes;
