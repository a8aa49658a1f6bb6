import type { PromptCacheRow } from '../PromptCacheRow.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const ofAnthropic = {
  marked: true,
  lifetimeMs: 5 * minuteMs,
  hourMs,
  tokensMin: 1_024,
  asOf: '2026-09',
  sources: [
    'https://platform.claude.com/docs/en/build-with-claude/prompt-caching',
    'https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html',
  ],
};

const ofGoogle = {
  marked: false,
  // No time is promised, but that all is gone after a day: requests are to follow each other "in a short amount of time".
  lifetimeMs: 5 * minuteMs,
  hourMs: 5 * minuteMs,
  asOf: '2026-11',
  sources: [
    'https://docs.cloud.google.com/vertex-ai/generative-ai/docs/context-cache/context-cache-overview',
    'https://discuss.ai.google.dev/t/real-explicit-cache-limit/134499',
  ],
};

/**
 * How long vendors keep prompts, the first row that is about a model counts. Where vendors give a range it is the lower end: what is kept longer is learnt from
 * what they report. A model without a price for reading from a cache gains nothing by one, whatever stands here.
 */
export const promptCacheTable: readonly PromptCacheRow[] = [
  { models: ['claude-opus-4-5*', 'claude-opus-4-6*', 'claude-haiku-4-5*'], ...ofAnthropic, tokensMin: 4_096 },
  { models: ['claude-3-haiku*', 'claude-3-5-haiku*'], ...ofAnthropic, tokensMin: 2_048 },
  { models: ['claude-*'], ...ofAnthropic },
  // Only the automatic cache of Nova is unmarked, and it takes nothing off the price.
  { wires: ['anthropic', 'bedrock', 'vertex-anthropic'], models: ['*'], ...ofAnthropic },
  { models: ['gemini-3*'], tokensMin: 4_096, ...ofGoogle },
  { models: ['gemini-*'], tokensMin: 2_048, ...ofGoogle },
  {
    // "Usually within a few hours to a few days", in units of 64 tokens.
    vendors: ['deepseek'],
    models: ['deepseek-*'],
    marked: false,
    lifetimeMs: hourMs,
    hourMs,
    tokensMin: 64,
    asOf: '2026-07',
    sources: ['https://api-docs.deepseek.com/guides/kv_cache'],
  },
  {
    // OpenAI and Azure clear it "within 5 to 10 minutes of inactivity", from 1,024 tokens on; xAI and others that promise nothing are taken to do alike.
    models: ['*'],
    marked: false,
    lifetimeMs: 5 * minuteMs,
    hourMs: 5 * minuteMs,
    tokensMin: 1_024,
    asOf: '2026-11',
    sources: [
      'https://developers.openai.com/api/docs/guides/prompt-caching',
      'https://learn.microsoft.com/azure/foundry/openai/how-to/prompt-caching',
      'https://docs.x.ai/developers/advanced-api-usage/prompt-caching/how-it-works',
    ],
  },
];
