import type { Operation } from '../../vocabulary/index.ts';
import type { EditedRequest, PathWords, RequestEdits, RequestFacts, UpstreamWire } from '../wire.ts';
import { EventStreamReader } from '../eventStream/EventStreamReader.ts';
import { classify, correction } from './classify.ts';
import { bedrockCodec } from './codec/bedrockCodec.ts';
import { readRequest } from './readRequest.ts';
import { withoutReasoning } from './withoutReasoning.ts';

/** A colon or a slash in the name of a model is escaped, as Amazon's own SDKs write it: what is signed must be what is sent. */
const modelPath = (model: string): string => `/model/${encodeURIComponent(model)}`;

const upstreamPath = (operation: Operation, { model, stream }: PathWords): string | null => {
  switch (operation) {
    case 'generate':
      return `${modelPath(model)}/${stream ? 'converse-stream' : 'converse'}`;
    case 'embed':
      return `${modelPath(model)}/invoke`;
    case 'countTokens':
    case 'listModels':
    case 'passthrough':
    case 'kept':
      return null;
  }
};

/** The model stands in the path, usage comes unasked, and the codec knows the bound: nothing is left to edit but what is seen to be refused. */
const editRequest = (body: Uint8Array, _facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const less = edits.withoutThinking === true ? withoutReasoning(body) : null;
  return less === null ? { body, named: [] } : { body: less, named: ['-thinking'] };
};

/** Amazon Bedrock Runtime: the Converse API, and InvokeModel for vectors. Towards targets only: its own clients speak HTTP/2. */
export const bedrockWire: UpstreamWire = {
  name: 'bedrock',
  // docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html, of November 2026.
  cacheReadsUnlimited: true,
  upstreamPath,
  credentialHeaders: (apiKey) => ({ authorization: `Bearer ${apiKey}` }),
  defaultRequestHeaders: {},
  readRequest,
  editRequest,
  streamType: 'application/vnd.amazon.eventstream',
  readEvents: () => new EventStreamReader(),
  classify,
  correction,
  // Every request is written for its target: what that is known to lack was left out there.
  accommodation: () => ({}),
  eased: 0,
  codec: bedrockCodec,
};
