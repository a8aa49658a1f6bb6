import type { Answer } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { responseId } from '../kept/responseId.ts';

/**
 * The members of a response around its output (openai 7.57.0, `Response`). `store` says whether it is kept here, under an id of ours, so that the client may
 * go on with that. What the vendor was asked is not said again here.
 */
export const responseHead = ({ id, model }: Pick<Answer, 'id' | 'model'>, frame: AnswerFrame): JsonObject => ({
  id: frame.kept === undefined && id.startsWith('resp_') ? id : responseId(frame.requestId),
  object: 'response',
  created_at: frame.createdAtS,
  background: false,
  error: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  model: model === '' ? frame.model : model,
  parallel_tool_calls: true,
  previous_response_id: frame.kept?.after ?? null,
  store: frame.kept !== undefined,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
});
