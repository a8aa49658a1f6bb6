import type { Usage } from '../../vocabulary/index.ts';
import { countIn, objectIn, type JsonObject } from '../json/JsonObject.ts';
import { usageOf } from '../usage/usageOf.ts';

/**
 * Reads `usage` of chat completions and embeddings into disjoint buckets, or gives null where it has no count.
 *
 * Prompt counts include what came from and went into the cache, audio and images (openai 7.57.0, `CompletionUsage`; DeepSeek says
 * `prompt_cache_hit_tokens` for the same). Completion counts include reasoning (OpenAI, DeepSeek, Groq), except with xAI, which adds it:
 * its totals show it. What a vendor says of the parts never makes more than what it says of the whole.
 */
export const readUsage = (usage: JsonObject): Usage | null => {
  const total = countIn(usage, 'total_tokens');
  const completionSaid = countIn(usage, 'completion_tokens');
  const prompt =
    countIn(usage, 'prompt_tokens') ?? (total === null ? null : Math.max(0, total - (completionSaid ?? 0)));
  if (prompt === null && completionSaid === null) return null;

  const completionDetails = objectIn(usage, 'completion_tokens_details');
  const reasoning = countIn(completionDetails, 'reasoning_tokens') ?? 0;
  const completion = completionSaid ?? 0;
  const whole = completion + (isReasoningOutside(prompt ?? 0, completion, reasoning, total) ? reasoning : 0);

  const promptDetails = objectIn(usage, 'prompt_tokens_details');
  const fromPrompt = new Share(prompt ?? 0);
  const fromCompletion = new Share(whole);
  return usageOf({
    cacheRead: fromPrompt.take(countIn(promptDetails, 'cached_tokens') ?? countIn(usage, 'prompt_cache_hit_tokens')),
    cacheWrite5m: fromPrompt.take(countIn(promptDetails, 'cache_write_tokens')),
    inputAudio: fromPrompt.take(countIn(promptDetails, 'audio_tokens')),
    inputImage: fromPrompt.take(countIn(promptDetails, 'image_tokens')),
    input: fromPrompt.rest,
    reasoning: fromCompletion.take(reasoning),
    outputAudio: fromCompletion.take(countIn(completionDetails, 'audio_tokens')),
    outputImage: fromCompletion.take(countIn(completionDetails, 'image_tokens')),
    output: fromCompletion.rest,
    requests: 1,
  });
};

/** OpenRouter reports 11 reasoning tokens in a completion of 10: only where no total tells may the part prove that it stands outside. */
const isReasoningOutside = (prompt: number, completion: number, reasoning: number, total: number | null): boolean =>
  total === null ? reasoning > completion : total === prompt + completion + reasoning;

/** A whole from which parts are taken, never more than is left. */
class Share {
  rest: number;

  constructor(whole: number) {
    this.rest = whole;
  }

  take(part: number | null): number {
    const taken = Math.min(part ?? 0, this.rest);
    this.rest -= taken;
    return taken;
  }
}
