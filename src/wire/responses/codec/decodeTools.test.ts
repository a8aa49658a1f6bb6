import { describe, expect, it } from 'vitest';

import { fixtureJson } from '../../recordings.fixture.ts';
import { isJsonObject, objectIn } from '../../json/JsonObject.ts';
import { decode } from './requests.fixture.ts';

const f = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } };
const group = (name: string, ...tools: object[]) => ({ type: 'namespace', name, description: 'About.', tools });
const custom = (name: string, format?: object) => ({ type: 'custom', name, ...(format && { format }) });

const decodeWith = (more: object) => decode({ model: 'm', input: 'hi', ...more });
const namesOf = (tools: readonly object[]) => decodeWith({ tools }).tools.map(({ name }) => name);

describe('tools in groups', () => {
  it('are called by both names in one, and keep where they stand', () => {
    const { tools } = decodeWith({ tools: [group('files', { ...f, description: 'Reads.' }, { ...f, name: 'g' })] });
    expect(tools).toMatchObject([
      { name: 'files__f', place: { group: 'files', name: 'f' }, description: 'About.\n\nReads.' },
      { name: 'files__g', place: { group: 'files', name: 'g' }, description: null },
    ]);
  });

  it('have a name that every wire takes, always the same, and no other tool’s', () => {
    const long = 'x'.repeat(60);
    const tools = [group('a.b', f), group(long, f, { ...f, name: 'g' }), { ...f, name: 'files__f' }, group('files', f)];
    const names = namesOf(tools);
    expect(names).toEqual(namesOf(tools));
    expect(new Set(names).size).toBe(5);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
    expect(names).toContain('files__f');
  });

  it('are found again in calls, choices and lists of what is allowed', () => {
    const tools = [group('files', f, { ...f, name: 'g' }), f];
    const call = { type: 'function_call', call_id: 'c', namespace: 'files', name: 'f', arguments: '{}' };
    const [answer] = decodeWith({ tools, input: [call] }).messages;
    expect(answer?.content).toMatchObject([{ name: 'files__f' }]);
    const choice = { type: 'function', namespace: 'files', name: 'g' };
    expect(decodeWith({ tools, tool_choice: choice }).toolChoice).toEqual({ type: 'named', name: 'files__g' });
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'namespace', name: 'files' }] };
    const narrowed = decodeWith({ tools, tool_choice: allowed });
    expect(narrowed.tools.map(({ name }) => name)).toEqual(['files__f', 'files__g']);
    expect(narrowed.toolChoice).toEqual({ type: 'required' });
  });
});

describe('tools that take any text', () => {
  it('are functions with one text', () => {
    const { tools, hints } = decodeWith({ tools: [custom('patch', { type: 'text' })] });
    expect(tools).toMatchObject([
      {
        name: 'patch',
        form: 'text',
        parameters: { type: 'object', properties: { input: { type: 'string' } }, required: ['input'] },
      },
    ]);
    expect(hints).toEqual([]);
  });

  it('say their grammar in words, and that nobody holds the model to it', () => {
    const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' };
    const { tools, hints } = decodeWith({ tools: [custom('patch', grammar)] });
    expect(JSON.stringify(tools[0]?.parameters)).toContain('start: \\\\\\"a\\\\\\"'.replaceAll('\\\\\\', '\\'));
    expect(hints).toEqual(['tools.format']);
  });

  it('have calls and results like all others', () => {
    const call = { type: 'custom_tool_call', call_id: 'c', name: 'patch', input: 'a\n"b"' };
    const output = { type: 'custom_tool_call_output', call_id: 'c', output: 'done' };
    const { messages } = decodeWith({ tools: [custom('patch')], input: [call, output] });
    expect(messages).toMatchObject([
      { content: [{ type: 'tool-call', id: 'c', name: 'patch', arguments: '{"input":"a\\n\\"b\\""}' }] },
      { content: [{ type: 'tool-result', callId: 'c' }] },
    ]);
  });
});

describe('the vendor’s own search', () => {
  it('is spared where there are other tools, unless it is what must be used', () => {
    const tools = [f, { type: 'web_search', external_web_access: true }];
    expect(decodeWith({ tools, tool_choice: 'auto' })).toMatchObject({ hints: ['tools.web_search'], natives: [] });
    expect(decodeWith({ tools, tool_choice: { type: 'web_search_preview' } })).toMatchObject({
      natives: ['tool_choice.web_search_preview'],
    });
    const allowed = {
      type: 'allowed_tools',
      mode: 'auto',
      tools: [{ type: 'web_search' }, { type: 'function', name: 'f' }],
    };
    expect(decodeWith({ tools, tool_choice: allowed }).natives).toEqual(['tool_choice.allowed_tools.web_search']);
  });
});

it('what Codex sends can be said on every wire', () => {
  const recorded = fixtureJson('clients/codex.json');
  const requests = Array.isArray(recorded) ? recorded.filter(isJsonObject) : [];
  expect(requests).toHaveLength(2);
  for (const request of requests) {
    const { natives, hints, tools, reasoning } = decode(objectIn(request, 'body'));
    expect(natives).toEqual([]);
    expect(hints).toEqual(['client_metadata', 'prompt_cache_key', 'tools.web_search']);
    expect(tools.map(({ name }) => name)).toContain('multi_agent_v1__spawn_agent');
    expect(reasoning).toMatchObject({ mode: 'adaptive', show: true });
  }
});
