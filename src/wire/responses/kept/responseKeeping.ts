import { utf8Bytes } from '../../utf8.ts';
import type { AnswerKeeping } from '../../AnswerKeeping.ts';
import { answerIn } from './answerIn.ts';
import { inputPage } from './inputPage.ts';
import { requestOfResponse, responseId } from './responseId.ts';
import { inputOf, itemsNamedIn, namedIn, resume } from './resume.ts';

/** Responses that are kept here, since the targets that made them keep none. */
export const responseKeeping: AnswerKeeping = {
  nameOf: responseId,
  requestIdOf: requestOfResponse,
  namedIn,
  itemsNamedIn,
  inputOf,
  answerIn,
  resume,
  inputPage,
  removed: (requestId) => utf8Bytes(JSON.stringify({ id: responseId(requestId), object: 'response', deleted: true })),
};
