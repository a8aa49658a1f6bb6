/** Parameters that a family of models answers with 400, by their names on the lab's own wire. */
interface RefusedParameters {
  /** Lab's names of the models, without dates. */
  readonly models: readonly string[];
  readonly parameters: readonly string[];
}

const samplingOfOpenAi = [
  'temperature',
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
] as const;

/**
 * What is known to be refused, as of July 2026. First-form data: a target's own 400 (`unsupported_parameter`) teaches the rest, and the file may correct it.
 *
 * - OpenAI "Reasoning models: limitations" (platform.openai.com/docs/guides/reasoning): the o-series and GPT-5 take none of the sampling parameters,
 *   and `max_completion_tokens` instead of `max_tokens` on Chat Completions. Real 400 bodies: "Unsupported parameter: 'max_tokens' is not supported
 *   with this model. Use 'max_completion_tokens' instead.", "Unsupported parameter: 'temperature' is not supported with this model."
 * - OpenAI "Using GPT-5.1: parameter compatibility": from GPT-5.1 on `temperature`, `top_p` and `logprobs` are taken when the reasoning effort is `none`, so
 *   they are not listed here; `max_tokens` stays refused. `gpt-5-chat` does not reason and takes them all.
 * - Anthropic "Migrating to Claude Opus 4.7": `temperature`, `top_p` and `top_k` other than the defaults are answered with 400 ("`temperature` is
 *   deprecated for this model."); the same is reported for Opus 4.8, Sonnet 5 and Fable 5 (simstudioai/sim#5328, picoclaw#2939). They think as they see fit
 *   (`adaptive`) and take no budget (`enabled`); models before 4.6 take a budget only ("adaptive thinking is not supported on this model", mnfst/llm-gateway#1928).
 */
const refusals: readonly RefusedParameters[] = [
  {
    models: [
      'o1',
      'o1-mini',
      'o1-preview',
      'o1-pro',
      'o3',
      'o3-deep-research',
      'o3-mini',
      'o3-pro',
      'o4-mini',
      'o4-mini-deep-research',
      'codex-mini',
      'gpt-5',
      'gpt-5-codex',
      'gpt-5-mini',
      'gpt-5-nano',
      'gpt-5-pro',
    ],
    parameters: ['max_tokens', ...samplingOfOpenAi],
  },
  {
    models: [
      'gpt-5.1',
      'gpt-5.1-chat',
      'gpt-5.1-chat-latest',
      'gpt-5.1-codex',
      'gpt-5.1-codex-max',
      'gpt-5.1-codex-mini',
      'gpt-5.2',
      'gpt-5.2-chat',
      'gpt-5.2-chat-latest',
      'gpt-5.2-codex',
      'gpt-5.2-pro',
      'gpt-5.3-chat',
      'gpt-5.3-chat-latest',
      'gpt-5.3-codex',
      'gpt-5.3-codex-spark',
      'gpt-5.4',
      'gpt-5.4-mini',
      'gpt-5.4-nano',
      'gpt-5.4-pro',
      'gpt-5.5',
      'gpt-5.5-pro',
    ],
    parameters: ['max_tokens'],
  },
  {
    models: ['claude-opus-4-7', 'claude-opus-4-8', 'claude-sonnet-5', 'claude-fable-5'],
    parameters: ['temperature', 'top_p', 'top_k', 'thinking.enabled'],
  },
  {
    models: [
      'claude-3-7-sonnet',
      'claude-haiku-4-5',
      'claude-opus-4',
      'claude-opus-4-0',
      'claude-opus-4-1',
      'claude-opus-4-5',
      'claude-sonnet-4',
      'claude-sonnet-4-0',
      'claude-sonnet-4-5',
    ],
    parameters: ['thinking.adaptive'],
  },
];

const byModel: ReadonlyMap<string, readonly string[]> = new Map(
  refusals.flatMap(({ models, parameters }) => models.map((model) => [model, parameters] as const)),
);

/** What sellers write around a lab's name: "eu.anthropic.", "openai/", "-v1:0", "@default", "-2025-12-11". */
const decorations = /^(?:[a-z-]+[./])*(?=(?:o\d|gpt-|codex-|claude-))|(?:-v\d+)?(?::\d+)?$|@default$/g;
const datedEnd = /(?:-\d{4}-\d{2}-\d{2}|[-@]20\d{6})$/;

/** Parameters known to be refused by a model, under whatever name a seller lists it. Empty where nothing is known. */
export const refusedParametersOf = (model: string): readonly string[] =>
  byModel.get(model.replace(decorations, '').replace(datedEnd, '')) ?? [];
