import type { CapabilityRow } from '../CapabilityRow.ts';

/** Claude as of which thinking is adaptive, and earlier ones that think within a budget only. */
const claudeOfBudgets = [
  'claude-3-7-sonnet',
  'claude-haiku-4-5',
  'claude-opus-4',
  'claude-opus-4-0',
  'claude-opus-4-1',
  'claude-opus-4-5',
  'claude-sonnet-4',
  'claude-sonnet-4-0',
  'claude-sonnet-4-5',
];
const claudeAdaptive = ['claude-opus-4-7', 'claude-opus-4-8', 'claude-sonnet-5', 'claude-fable-5'];

const claudeEarlier = ['claude-2*', 'claude-instant*', 'claude-3-*'];
const claudeOfBoth = ['claude-opus-4-6', 'claude-sonnet-4-6'];

const reasoningOfOpenAi = [
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
];
const firstGpt5 = ['gpt-5', 'gpt-5-codex', 'gpt-5-mini', 'gpt-5-nano', 'gpt-5-pro'];
const laterGpt5 = [
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
];

const deepseek = ['deepseek-chat', 'deepseek-reasoner', 'deepseek-v4-flash', 'deepseek-v4-pro'];

/** Those of Amazon Bedrock end in versions, with "*" for what stands behind them: "-v1:0", "-v1:0:300k". */
const novaOfText = [
  'amazon.nova-micro-v1*',
  'amazon.nova-lite-v1*',
  'amazon.nova-pro-v1*',
  'amazon.nova-premier-v1*',
  'amazon.nova-2-lite-v1*',
];
const titanOfText = ['amazon.titan-text-express-v1*', 'amazon.titan-text-lite-v1*', 'amazon.titan-text-premier-v1*'];
const jamba = ['ai21.jamba-1-5-large-v1*', 'ai21.jamba-1-5-mini-v1*', 'ai21.jamba-instruct-v1*'];
const cohereOfText = ['cohere.command-r-v1*', 'cohere.command-r-plus-v1*'];
const llama = [
  'meta.llama3-8b-instruct-v1*',
  'meta.llama3-70b-instruct-v1*',
  'meta.llama3-1-8b-instruct-v1*',
  'meta.llama3-1-70b-instruct-v1*',
  'meta.llama3-1-405b-instruct-v1*',
  'meta.llama3-2-1b-instruct-v1*',
  'meta.llama3-2-3b-instruct-v1*',
  'meta.llama3-2-11b-instruct-v1*',
  'meta.llama3-2-90b-instruct-v1*',
  'meta.llama3-3-70b-instruct-v1*',
  'meta.llama4-maverick-17b-instruct-v1*',
  'meta.llama4-scout-17b-instruct-v1*',
];

/**
 * What models and vendors are known to lack, and what few are known to take. Data only, and the one place of it: how it is said to each of them is the wires' to know. Each row is dated and says
 * where it comes from, and names models that are known: one that nobody knows yet is tried, so that "*" alone stands only where an API has no word for
 * something, or none of its own, or says what it takes, whatever the model. What is not sure is not here, since a target's own refusal teaches the rest and the file has the last word (`capabilities`).
 */
export const capabilityTable: readonly CapabilityRow[] = [
  // OpenAI.
  {
    models: [...reasoningOfOpenAi, 'codex-mini', ...firstGpt5],
    // "Unsupported parameter: 'temperature' is not supported with this model." From GPT-5.1 on they are taken where the reasoning effort is `none`.
    parameters: [
      'temperature',
      'top_p',
      'presence_penalty',
      'frequency_penalty',
      'logprobs',
      'top_logprobs',
      'logit_bias',
    ],
    asOf: '2026-07',
    sources: [
      'https://platform.openai.com/docs/guides/reasoning',
      'https://platform.openai.com/docs/guides/latest-model',
    ],
  },
  {
    models: [...reasoningOfOpenAi, 'codex-mini', ...firstGpt5, ...laterGpt5],
    // "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    parameters: ['max_tokens'],
    asOf: '2026-07',
    sources: ['https://platform.openai.com/docs/guides/reasoning'],
  },
  {
    models: ['o1', 'o3', 'o3-mini', 'o4-mini'],
    // "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."
    lacks: ['parallelTools'],
    asOf: '2026-03',
    sources: [
      'https://github.com/run-llama/llama_index/issues/20865',
      'https://github.com/langchain-ai/langgraph-supervisor-py/pull/125',
    ],
  },
  {
    models: ['gpt-3.5-turbo*', 'o1-mini', 'o1-preview', 'o3-mini'],
    // "Invalid content type. image_url is only supported by certain models."
    lacks: ['images'],
    asOf: '2025-11',
    sources: ['https://platform.openai.com/docs/models/o3-mini', 'https://github.com/vllm-project/vllm/issues/11629'],
  },
  {
    // Elsewhere deployments of gpt-4-turbo, which sees, have this name.
    vendors: ['openai', 'openrouter'],
    models: ['gpt-4', 'gpt-4-0314', 'gpt-4-0613', 'gpt-4-0125-preview', 'gpt-4-1106-preview', 'gpt-4-turbo-preview'],
    lacks: ['images'],
    asOf: '2025-11',
    sources: [
      'https://platform.openai.com/docs/models/gpt-4',
      'https://platform.openai.com/docs/models/gpt-4-turbo-preview',
      'https://openrouter.ai/openai/gpt-4',
    ],
  },
  {
    vendors: ['openai'],
    // Its API has no word for it, whatever the model.
    models: ['*'],
    lacks: ['video'],
    asOf: '2026-11',
    sources: ['https://platform.openai.com/docs/api-reference/chat/create'],
  },
  // Anthropic.
  {
    models: [...claudeEarlier, ...claudeOfBudgets, ...claudeOfBoth, ...claudeAdaptive],
    lacks: ['audio', 'video', 'imageOutput', 'audioOutput'],
    asOf: '2026-11',
    sources: ['https://platform.claude.com/docs/en/about-claude/models/overview'],
  },
  {
    models: claudeAdaptive,
    // "`temperature` is deprecated for this model."
    lacks: ['thinking.enabled'],
    parameters: ['temperature', 'top_p', 'top_k'],
    asOf: '2026-07',
    sources: [
      'https://platform.claude.com/docs/en/about-claude/models/migration-guide',
      'https://github.com/simstudioai/sim/issues/5328',
    ],
  },
  {
    models: claudeOfBudgets,
    // "adaptive thinking is not supported on this model"
    lacks: ['thinking.adaptive'],
    asOf: '2026-07',
    sources: ['https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking'],
  },
  {
    models: ['claude-haiku-4-5', 'claude-opus-4-1', 'claude-opus-4-5', 'claude-sonnet-4-5', 'claude-sonnet-4-6'],
    // "`temperature` and `top_p` cannot both be specified for this model. Please use only one."
    parameters: ['temperature+top_p'],
    asOf: '2026-05',
    sources: [
      'https://platform.claude.com/docs/en/about-claude/models/migration-guide',
      'https://github.com/SalesforceAIResearch/MCP-Universe/issues/49',
      'https://github.com/Vali-98/ChatterUI/issues/564',
    ],
  },
  {
    models: [...claudeOfBoth, ...claudeAdaptive],
    // "This model does not support assistant message prefill. The conversation must end with a user message."
    lacks: ['prefill'],
    asOf: '2026-09',
    sources: [
      'https://platform.claude.com/docs/en/about-claude/models/migration-guide',
      'https://github.com/strands-agents/sdk-python/issues/1694',
      'https://github.com/cortexkit/magic-context/issues/511',
      'https://github.com/vybestack/llxprt-code/pull/3695',
    ],
  },
  {
    wires: ['anthropic', 'vertex-anthropic', 'bedrock'],
    models: [...claudeEarlier, ...claudeOfBudgets],
    // "If the final message uses the assistant role, the response content will continue immediately from the content in that message."
    takes: ['prefill'],
    asOf: '2026-09',
    sources: [
      'https://platform.claude.com/docs/en/about-claude/models/migration-guide',
      'https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html',
    ],
  },
  // Google.
  {
    wires: ['gemini', 'vertex'],
    models: ['gemini-3.5-flash-lite', 'gemini-3.6-flash'],
    // "Requests ending with a model turn are not supported unless the last part is a function response."
    lacks: ['prefill'],
    asOf: '2026-08',
    sources: ['https://github.com/LibreChat-AI/agents/pull/323', 'https://github.com/Vali-98/ChatterUI/issues/620'],
  },
  {
    wires: ['vertex-anthropic'],
    models: ['*'],
    // "Base64 image sources only", "messages.0.content.1.image.source.base64.data: URL sources are not supported"
    lacks: ['imageAddresses'],
    asOf: '2026-11',
    sources: [
      'https://platform.claude.com/docs/en/build-with-claude/vision',
      'https://github.com/BerriAI/litellm/issues/18430',
    ],
  },
  {
    wires: ['gemini', 'vertex'],
    models: ['*'],
    // `functionCallingConfig` has no word for it.
    lacks: ['parallelTools'],
    asOf: '2026-11',
    sources: ['https://ai.google.dev/api/caching#FunctionCallingConfig'],
  },
  {
    wires: ['gemini'],
    models: ['gemma-3-*', 'gemma-3n-*'],
    // "Developer instruction is not enabled for models/gemma-3-27b-it", "Function calling is not enabled for models/gemma-3-12b-it"
    lacks: ['system', 'tools'],
    asOf: '2025-09',
    sources: [
      'https://github.com/0xPlaygrounds/rig/issues/788',
      'https://github.com/BerriAI/litellm/issues/10313',
      'https://github.com/agno-agi/agno/issues/3505',
    ],
  },
  {
    wires: ['gemini', 'vertex'],
    models: ['gemini-2.0-flash', 'gemini-2.5-flash', 'gemini-2.5-flash-lite', 'gemini-2.5-pro'],
    // "This model only supports text output.", "Model does not support the requested response modalities: image,text"
    lacks: ['imageOutput', 'audioOutput'],
    asOf: '2025-10',
    sources: ['https://ai.google.dev/gemini-api/docs/models', 'https://github.com/snailyp/gemini-balance/issues/386'],
  },
  // DeepSeek.
  {
    vendors: ['deepseek'],
    wires: ['openai'],
    // Its API lists the roles, whatever the model: "unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`"
    models: ['*'],
    lacks: ['developerRole'],
    asOf: '2026-08',
    sources: [
      'https://api-docs.deepseek.com/api/create-chat-completion',
      'https://github.com/theopenco/llmgateway/pull/3462',
    ],
  },
  {
    vendors: ['deepseek'],
    wires: ['openai'],
    models: deepseek,
    // "unknown variant `image_url`, expected `text`"
    lacks: ['images', 'documents', 'audio', 'video', 'imageOutput', 'audioOutput'],
    asOf: '2026-08',
    sources: [
      'https://api-docs.deepseek.com/api/create-chat-completion',
      'https://api-docs.deepseek.com/quick_start/pricing',
      'https://github.com/rikkahub/rikkahub/issues/1433',
    ],
  },
  {
    vendors: ['deepseek'],
    wires: ['openai'],
    models: deepseek,
    // "JSON Output": `response_format` is `text` or `json_object`.
    lacks: ['schemas'],
    asOf: '2026-08',
    sources: ['https://api-docs.deepseek.com/guides/json_mode'],
  },
  {
    vendors: ['deepseek'],
    wires: ['openai'],
    models: ['deepseek-reasoner'],
    // The first four have no effect, the others are refused.
    parameters: ['temperature', 'top_p', 'presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs'],
    asOf: '2025-12',
    sources: ['https://api-docs.deepseek.com/guides/reasoning_model'],
  },
  // Mistral.
  {
    vendors: ['mistral'],
    wires: ['openai'],
    models: ['*'],
    // 422 "Extra inputs are not permitted"; the seed is `random_seed`. `longCallIds`: ids of calls have nine letters and digits.
    parameters: ['max_completion_tokens', 'stream_options', 'seed', 'longCallIds'],
    asOf: '2026-11',
    sources: [
      'https://docs.mistral.ai/api',
      'https://github.com/editor-code-assistant/eca/issues/231',
      'https://github.com/posit-dev/chatlas/issues/145',
    ],
  },
  {
    vendors: ['mistral'],
    wires: ['openai'],
    models: ['*'],
    // "Set this to `true` when adding an assistant message as prefix to condition the model response."
    takes: ['prefill'],
    members: ['prefix'],
    asOf: '2026-11',
    sources: ['https://docs.mistral.ai/api', 'https://docs.mistral.ai/guides/prefix/'],
  },
  // Groq.
  {
    vendors: ['groq'],
    wires: ['openai'],
    models: ['*'],
    unlessThinking: true,
    // "To prefill, simply include your desired starting text in the assistant message": "any text-to-text model powered by Groq".
    takes: ['prefill'],
    asOf: '2026-11',
    sources: ['https://console.groq.com/docs/prefilling'],
  },
  {
    vendors: ['groq'],
    wires: ['openai'],
    models: ['*'],
    // "Currently Unsupported OpenAI Features"
    parameters: ['logprobs', 'top_logprobs', 'logit_bias'],
    asOf: '2026-11',
    sources: ['https://console.groq.com/docs/openai'],
  },
  // Engines of one's own machines.
  {
    vendors: ['vllm'],
    wires: ['openai'],
    models: ['*'],
    // A parser of thoughts takes what goes on for one.
    unlessThinking: true,
    // "The model will continue this message rather than starting a new one. [...] Cannot be used at the same time as `add_generation_prompt`."
    takes: ['prefill'],
    members: ['continue_final_message'],
    asOf: '2026-11',
    sources: [
      'https://docs.vllm.ai/en/stable/serving/openai_compatible_server/',
      'https://github.com/vllm-project/vllm/pull/38749',
    ],
  },
  {
    vendors: ['llama.cpp'],
    wires: ['openai'],
    models: ['*'],
    // "Assistant response prefill is incompatible with enable_thinking."
    unlessThinking: true,
    // "--prefill-assistant [...] whether to prefill the assistant's response if the last message is an assistant message (default: prefill enabled)"
    takes: ['prefill'],
    asOf: '2026-11',
    sources: [
      'https://github.com/ggml-org/llama.cpp/pull/13174',
      'https://github.com/ggml-org/llama.cpp/pull/13608',
      'https://github.com/ggml-org/llama.cpp/issues/21889',
    ],
  },
  // Amazon Bedrock.
  {
    wires: ['bedrock'],
    models: ['*'],
    // `toolConfig` has no word for it.
    lacks: ['parallelTools'],
    asOf: '2026-11',
    sources: ['https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolConfiguration.html'],
  },
  {
    wires: ['bedrock'],
    models: [...novaOfText, ...titanOfText, ...jamba, ...cohereOfText, ...llama],
    lacks: ['schemas'],
    asOf: '2026-11',
    sources: [
      'https://docs.aws.amazon.com/bedrock/latest/userguide/structured-output.html',
      'https://docs.aws.amazon.com/bedrock/latest/userguide/models-supported.html',
    ],
  },
  {
    wires: ['bedrock'],
    models: titanOfText,
    lacks: ['system', 'tools', 'images'],
    asOf: '2025-09',
    sources: [
      'https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html',
    ],
  },
  {
    wires: ['bedrock'],
    models: ['amazon.nova-micro-v1*'],
    lacks: ['documents', 'images'],
    asOf: '2025-09',
    sources: [
      'https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html',
    ],
  },
  {
    wires: ['bedrock'],
    models: [...jamba, 'anthropic.claude-3-5-haiku*'],
    lacks: ['images'],
    asOf: '2025-09',
    sources: [
      'https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html',
    ],
  },
  {
    wires: ['bedrock'],
    models: ['ai21.jamba-instruct-v1*'],
    lacks: ['documents', 'tools'],
    asOf: '2025-09',
    sources: [
      'https://docs.aws.amazon.com/bedrock/latest/userguide/conversation-inference-supported-models-features.html',
    ],
  },
];
