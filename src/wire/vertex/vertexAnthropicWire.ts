import { failure, type Result } from '../../kernel/index.ts';
import type { Message, GenerateRequest, Operation } from '../../vocabulary/index.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { correctMessages } from '../anthropic/editRequest.ts';
import type { CodecTarget, Untranslatable, WrittenRequest } from '../codec/Codec.ts';
import { EditList } from '../request/EditList.ts';
import type { EditedRequest, PathWords, RequestEdits, RequestFacts, UpstreamWire } from '../wire.ts';

/** The one version of the API that is served there; it stands in the body. */
const version = 'vertex-2023-10-16';

const models = '/publishers/anthropic/models';

/** Tokens are counted by a model of its own, to which the body names the one that is meant. */
const upstreamPath = (operation: Operation, { model, stream }: PathWords): string | null => {
  switch (operation) {
    case 'generate':
      return `${models}/${encodeURIComponent(model)}:${stream ? 'streamRawPredict' : 'rawPredict'}`;
    case 'countTokens':
      return `${models}/count-tokens:rawPredict`;
    case 'listModels':
    case 'embed':
    case 'passthrough':
    case 'kept':
      return null;
  }
};

const editRequest = (body: Uint8Array, facts: RequestFacts, edits: RequestEdits): EditedRequest => {
  const list = new EditList(body, facts);
  correctMessages(list, body, facts, edits);
  if (facts.requirements.operation === 'countTokens') list.setModel(edits.model);
  else list.moveOut('model');
  list.set('anthropic_version', JSON.stringify(version), 'anthropic_version');
  return list.apply();
};

/** Whether a message shows an image that stands elsewhere. */
const showsOutside = ({ content }: Message): boolean =>
  content.some((part) => {
    if (part.type === 'image') return part.source.type !== 'base64';
    return (
      part.type === 'tool-result' && part.content.some((one) => one.type === 'image' && one.source.type !== 'base64')
    );
  });

const noImagesOutside: Untranslatable = {
  code: 'unsupported_feature',
  message: 'This target cannot take images by address or by name: send the data.',
  parameter: 'messages',
};

/** "Only base64 image sources" on Google Cloud (platform.claude.com/docs/en/build-with-claude/vision, the platforms that it lists). */
const encodeRequest = (request: GenerateRequest, target: CodecTarget): Result<WrittenRequest, Untranslatable> =>
  request.messages.some(showsOutside) ? failure(noImagesOutside) : anthropicWire.codec.encodeRequest(request, target);

const { routes: _routes, ...upstream } = anthropicWire;

/**
 * Claude on Google Cloud's Vertex AI (docs.claude.com, "Claude on Vertex AI"): the Messages API, but that the path names the model. The base URL is that of the
 * wire `vertex`.
 */
export const vertexAnthropicWire: UpstreamWire = {
  ...upstream,
  name: 'vertex-anthropic',
  variantOf: anthropicWire,
  upstreamPath,
  // Google refuses parameters of a query that it does not know.
  forwardedQuery: [],
  defaultRequestHeaders: {},
  editRequest,
  codec: { ...anthropicWire.codec, encodeRequest },
};
