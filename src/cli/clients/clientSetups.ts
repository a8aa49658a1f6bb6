import { join, resolve } from 'node:path';
import type { ClientSetup, Places } from './ClientSetup.ts';
import { envSettings } from './envSettings.ts';
import { jsonSettings } from './jsonSettings.ts';
import { tomlSettings } from './tomlSettings.ts';
import { yamlSettings } from './yamlSettings.ts';

/** An empty variable counts as none, as it does for the clients. Absolute, since an undo may be run from elsewhere. */
const folder = ({ home, env }: Places, variable: string, ...otherwise: readonly string[]): string =>
  resolve(env[variable] || join(home, ...otherwise));

/**
 * What each program needs, as it was seen to run: Claude Code 2.1.332, Codex 0.169.0, OpenCode 1.18.33, Gemini CLI 0.61.0, Qwen Code 0.24.4, Cline CLI 3.0.65,
 * Continue CLI 1.5.47.
 */
export const clientSetups: readonly ClientSetup[] = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    files: ({ url, key, model }, places) => [
      {
        path: join(folder(places, 'CLAUDE_CONFIG_DIR', '.claude'), 'settings.json'),
        format: jsonSettings,
        settings: [
          { at: ['env', 'ANTHROPIC_BASE_URL'], value: url },
          { at: ['env', 'ANTHROPIC_AUTH_TOKEN'], value: key },
          { at: ['env', 'ANTHROPIC_MODEL'], value: model },
          { at: ['env', 'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC'], value: '1' },
        ],
      },
    ],
    next: () => 'claude -p "Hello"',
  },
  {
    name: 'codex',
    title: 'Codex',
    files: ({ url, key, model }, places) => [
      {
        path: join(folder(places, 'CODEX_HOME', '.codex'), 'config.toml'),
        format: tomlSettings,
        settings: [
          { at: ['model'], value: model },
          { at: ['model_provider'], value: 'archipel' },
          {
            at: ['model_providers', 'archipel'],
            value: {
              name: 'Archipel',
              base_url: `${url}/v1`,
              wire_api: 'responses',
              experimental_bearer_token: key,
            },
          },
        ],
      },
    ],
    next: () => 'codex exec "Hello"',
  },
  {
    name: 'opencode',
    title: 'OpenCode',
    files: ({ url, key, model }, places) => [
      {
        path: join(folder(places, 'XDG_CONFIG_HOME', '.config'), 'opencode', 'opencode.json'),
        format: jsonSettings,
        settings: [
          {
            at: ['provider', 'archipel'],
            value: {
              npm: '@ai-sdk/openai-compatible',
              name: 'Archipel',
              options: { baseURL: `${url}/v1`, apiKey: key },
              models: { [model]: {} },
            },
          },
          { at: ['model'], value: `archipel/${model}` },
          { at: ['small_model'], value: `archipel/${model}` },
        ],
      },
    ],
    next: () => 'opencode run "Hello"',
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    files: ({ url, key, model }, { home }) => [
      {
        path: join(home, '.gemini', '.env'),
        format: envSettings,
        settings: [
          { at: ['GOOGLE_GEMINI_BASE_URL'], value: url },
          { at: ['GEMINI_API_KEY'], value: key },
          { at: ['GEMINI_MODEL'], value: model },
        ],
      },
      {
        path: join(home, '.gemini', 'settings.json'),
        format: jsonSettings,
        settings: [{ at: ['security', 'auth', 'selectedType'], value: 'gemini-api-key' }],
      },
    ],
    next: () => 'gemini -p "Hello"',
  },
  {
    name: 'qwen',
    title: 'Qwen Code',
    files: ({ url, key, model }, { home }) => [
      {
        path: join(home, '.qwen', '.env'),
        format: envSettings,
        settings: [
          { at: ['OPENAI_BASE_URL'], value: `${url}/v1` },
          { at: ['OPENAI_API_KEY'], value: key },
          { at: ['OPENAI_MODEL'], value: model },
        ],
      },
      {
        path: join(home, '.qwen', 'settings.json'),
        format: jsonSettings,
        settings: [{ at: ['security', 'auth', 'selectedType'], value: 'openai' }],
      },
    ],
    next: () => 'qwen -p "Hello"',
  },
  {
    name: 'cline',
    title: 'Cline',
    files: ({ url, key, model, now }, { home }) => [
      {
        path: join(home, '.cline', 'data', 'settings', 'providers.json'),
        format: jsonSettings,
        settings: [
          { at: ['version'], value: 1, unlessSet: true },
          { at: ['lastUsedProvider'], value: 'openai-compatible' },
          {
            at: ['providers', 'openai-compatible', 'settings'],
            value: { provider: 'openai-compatible', apiKey: key, model, baseUrl: `${url}/v1` },
          },
          // Without it the whole entry is taken for broken.
          { at: ['providers', 'openai-compatible', 'updatedAt'], value: now.toISOString(), changes: true },
          { at: ['providers', 'openai-compatible', 'tokenSource'], value: 'manual' },
        ],
      },
    ],
    next: () => 'cline "Hello"',
  },
  {
    name: 'continue',
    title: 'Continue',
    files: ({ url, key, model }, { home }) => [
      {
        path: join(home, '.continue', 'config.yaml'),
        format: yamlSettings,
        settings: [
          { at: ['name'], value: 'Archipel', unlessSet: true },
          { at: ['version'], value: '1.0.0', unlessSet: true },
          { at: ['schema'], value: 'v1', unlessSet: true },
          {
            at: ['models', 'name=Archipel'],
            value: {
              name: 'Archipel',
              provider: 'openai',
              model,
              apiBase: `${url}/v1`,
              apiKey: key,
              roles: ['chat'],
              capabilities: ['tool_use'],
            },
          },
        ],
      },
    ],
    next: () => 'cn -p "Hello"',
  },
];
