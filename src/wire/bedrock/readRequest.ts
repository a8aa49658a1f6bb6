import type { Result } from '../../kernel/index.ts';
import { needed, type Operation } from '../../vocabulary/index.ts';
import { searchedWordsOf } from '../json/PlaceFinder.ts';
import type { BodyScan } from '../json/scanTopLevel.ts';
import { readBody } from '../request/readBody.ts';
import { requestCeilings, type RequestCeilings } from '../request/RequestCeilings.ts';
import type { PathWords, RequestFacts, RequestFault } from '../wire.ts';

/** Reads a body of `/model/{model}/converse`, which the codec has written: model and stream stand in its path, and nothing that it needs elsewhere. */
export const readRequest = (
  body: Uint8Array | BodyScan,
  operation: Operation,
  ceilings: RequestCeilings = requestCeilings,
  words: PathWords | null = null,
): Result<RequestFacts, RequestFault> =>
  readBody(body, operation, searchedWords, (members, search) => {
    members.require('messages', ['array'], 'a list of messages');
    const bound = members.nested('inferenceConfig')?.count('maxTokens', 1, ceilings.outputTokens, 'outputTokens');
    return {
      facts: {
        model: words?.model ?? '',
        stream: words?.stream ?? false,
        // Usage is part of every stream of this wire: nothing is asked for and nothing is hidden.
        usageAsked: true,
        outputBoundTokens: bound ?? null,
        choices: 1,
      },
      features:
        needed(members.find('toolConfig') !== null, 'tools') |
        needed(search.hasObjectStarting('image', 'format'), 'images') |
        needed(members.find('outputConfig') !== null, 'structuredOutput'),
      refersOutside: false,
    };
  });

const searchedWords = searchedWordsOf(['image']);
