import type { Answer } from '../../../vocabulary/index.ts';
import type { AnswerFrame } from '../../codec/Codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/**
 * The members of a response around its output (openai 7.57.0, `Response`). Nothing of it is kept anywhere: `store` says so, since the client may go on with
 * its id. What the vendor was asked is not said again here.
 */
export const responseHead = ({ id, model }: Pick<Answer, 'id' | 'model'>, frame: AnswerFrame): JsonObject => ({
  id: id.startsWith('resp_') ? id : `resp_${frame.requestId}`,
  object: 'response',
  created_at: frame.createdAtS,
  background: false,
  error: null,
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  model: model === '' ? frame.model : model,
  parallel_tool_calls: true,
  previous_response_id: null,
  store: false,
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
});
