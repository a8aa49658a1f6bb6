import { describe, expect, it } from 'vitest';

import { utf8Bytes } from '../utf8.ts';
import type { RequestEdits } from '../wire.ts';
import { openaiWire } from './openaiWire.ts';

const edit = (body: string, edits: Partial<RequestEdits>, operation: 'generate' | 'embed' = 'generate') => {
  const bytes = utf8Bytes(body);
  const read = openaiWire.readRequest(bytes, operation);
  if (!read.ok) throw new Error(read.fault.message);
  const edited = openaiWire.editRequest(bytes, read.value, { model: 'm', askUsage: true, ...edits });
  return { body: Buffer.from(edited.body).toString('utf8'), named: edited.named };
};

describe('editRequest of the openai wire', () => {
  it('changes nothing where there is nothing to change', () => {
    const body = ' { "model":"m", "messages":[ ] } ';
    expect(edit(body, {})).toEqual({ body, named: [] });
  });

  it('sets the model and leaves every other byte', () => {
    expect(edit(' {"messages" : [ ],\n"model" :"m"} ', { model: 'gpt "x"' })).toEqual({
      body: ' {"messages" : [ ],\n"model" :"gpt \\"x\\""} ',
      named: ['model'],
    });
  });

  it('leaves members alone that are called as what every object inherits', () => {
    const body = '{"model":"m","messages":[],"constructor":1,"toString":null,"hasOwnProperty":[]}';
    expect(edit(body, {})).toEqual({ body, named: [] });
    expect(edit(body, { rename: { user: 'safety_identifier' } })).toEqual({ body, named: [] });
  });

  it('leaves out the wish not to think where a target refuses it, and never another effort', () => {
    const drop = ['reasoning_effort'];
    expect(edit('{"model":"m","messages":[],"reasoning_effort":"none"}', { drop })).toEqual({
      body: '{"model":"m","messages":[]}',
      named: ['-reasoning_effort'],
    });
    const hard = '{"model":"m","messages":[],"reasoning_effort":"high"}';
    expect(edit(hard, { drop })).toEqual({ body: hard, named: [] });
  });

  it('asks for usage in a stream that does not', () => {
    const named = ['stream_options.include_usage'];
    expect(edit('{"model":"m","messages":[],"stream":true}', {})).toEqual({
      body: '{"stream_options":{"include_usage":true},"model":"m","messages":[],"stream":true}',
      named,
    });
    expect(
      edit('{"model":"m","messages":[],"stream":true,"stream_options":{ "include_obfuscation" : false }}', {}),
    ).toEqual({
      body: '{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true, "include_obfuscation" : false }}',
      named,
    });
    expect(edit('{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage": false}}', {})).toEqual({
      body: '{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage": true}}',
      named,
    });
    expect(edit('{"model":"m","messages":[],"stream":true,"stream_options":null}', {}).body).toContain(
      '"stream_options":{"include_usage":true}',
    );
    expect(edit('{"model":"m","messages":[],"stream":true,"stream_options":{}}', {}).body).toContain(
      '"stream_options":{"include_usage":true}',
    );
  });

  it('does not ask for usage where it is asked for already, where nothing streams, or where the target refuses it', () => {
    const asked = '{"model":"m","messages":[],"stream":true,"stream_options":{"include_usage":true}}';
    expect(edit(asked, {}).named).toEqual([]);
    expect(edit('{"model":"m","messages":[]}', {}).named).toEqual([]);
    expect(edit('{"model":"m","messages":[],"stream":true}', { askUsage: false }).named).toEqual([]);
    expect(edit('{"model":"m","messages":[],"stream":true}', { drop: ['stream_options'] }).named).toEqual([]);
    expect(edit(asked, { drop: ['stream_options'] })).toEqual({
      body: '{"model":"m","messages":[],"stream":true}',
      named: ['-stream_options'],
    });
  });

  it('bounds the output only where the client did not, under the name that the target takes', () => {
    const open = '{"model":"m","messages":[]}';
    expect(edit(open, { outputBoundTokens: 256 })).toEqual({
      body: '{"max_completion_tokens":256,"model":"m","messages":[]}',
      named: ['max_completion_tokens'],
    });
    expect(edit(open, { outputBoundTokens: 256, rename: { max_completion_tokens: 'max_tokens' } })).toEqual({
      body: '{"max_tokens":256,"model":"m","messages":[]}',
      named: ['max_tokens'],
    });
    expect(edit('{"model":"m","messages":[],"max_completion_tokens":null}', { outputBoundTokens: 256 }).body).toBe(
      '{"model":"m","messages":[],"max_completion_tokens":256}',
    );
    expect(edit('{"model":"m","messages":[],"max_tokens":9}', { outputBoundTokens: 256 }).named).toEqual([]);
    expect(edit('{"model":"e","input":"a"}', { model: 'e', outputBoundTokens: 256 }, 'embed').named).toEqual([]);
  });

  it('renames and drops what the target needs so, and passes over what is not there', () => {
    const body = '{"model":"m","max_tokens": 100,"messages":[],"user":"u"}';
    expect(
      edit(body, { rename: { max_tokens: 'max_completion_tokens', other: 'x' }, drop: ['user', 'absent'] }),
    ).toEqual({
      body: '{"model":"m","max_completion_tokens": 100,"messages":[]}',
      named: ['max_tokens->max_completion_tokens', '-user'],
    });
  });

  it('lets the new name stand where the client sent both', () => {
    const body = '{"model":"m","max_tokens":100,"max_completion_tokens":90,"messages":[]}';
    expect(edit(body, { rename: { max_tokens: 'max_completion_tokens' } })).toEqual({
      body: '{"model":"m","max_completion_tokens":90,"messages":[]}',
      named: ['max_tokens->max_completion_tokens'],
    });
  });

  it('takes null under either name for nothing that was said, and keeps the bound of the client, or of the budget', () => {
    const rename = { max_tokens: 'max_completion_tokens' };
    const bothNull = '{"model":"m","messages":[],"max_tokens":null,"max_completion_tokens":null}';
    const olderNull = '{"model":"m","messages":[],"max_tokens":null}';
    for (const body of [bothNull, olderNull]) {
      const edited = edit(body, { rename, outputBoundTokens: 7 });
      expect(JSON.parse(edited.body)).toEqual({ model: 'm', messages: [], max_completion_tokens: 7 });
    }
    expect(edit('{"model":"m","max_tokens":5,"max_completion_tokens":null,"messages":[]}', { rename })).toEqual({
      body: '{"model":"m","max_completion_tokens":5,"messages":[]}',
      named: ['max_tokens->max_completion_tokens'],
    });
  });

  it('edits what stands behind escapes', () => {
    expect(edit('{"mod\\u0065l":"m","messages":[]}', { model: 'n' }).body).toBe('{"mod\\u0065l":"n","messages":[]}');
  });
});

describe('a target that is known to refuse what others take', () => {
  const accommodated = (body: string, unsupported: readonly string[], edits: Partial<RequestEdits> = {}) => {
    const read = openaiWire.readRequest(utf8Bytes(body), 'generate');
    if (!read.ok) throw new Error(read.fault.message);
    return edit(body, { ...openaiWire.accommodation(read.value, unsupported), ...edits });
  };

  it('is not asked for usage in the way that it does not know, and gets a bound by the name that it knows', () => {
    const body = '{"model":"m","messages":[],"stream":true}';
    expect(accommodated(body, ['stream_options'])).toEqual({ body, named: [] });
    expect(accommodated(body, ['stream_options', 'max_completion_tokens'], { outputBoundTokens: 7 })).toEqual({
      body: '{"max_tokens":7,"model":"m","messages":[],"stream":true}',
      named: ['max_tokens'],
    });
    expect(accommodated('{"model":"m","messages":[],"max_completion_tokens":7}', ['max_completion_tokens'])).toEqual({
      body: '{"model":"m","messages":[],"max_tokens":7}',
      named: ['max_completion_tokens->max_tokens'],
    });
  });

  it('gets its own word for the seed', () => {
    expect(accommodated('{"model":"m","messages":[],"seed":7}', ['seed'])).toEqual({
      body: '{"model":"m","messages":[],"random_seed":7}',
      named: ['seed->random_seed'],
    });
  });

  const history = (first: string, second: string): string =>
    `{"model":"m","messages":[{"role":"assistant","reasoning_content":"hm","tool_calls":[{"id":"${first}","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"${second}","content":"1"},{"role":"user","content":"hi"},7]}`;

  it('gets short ids of calls, the same in a call and its result, each time the same (case 29)', () => {
    const toolu = 'toolu_01A09q90qw90lq917835lq9';
    const { body, named } = accommodated(history(toolu, toolu), ['longCallIds']);
    const [, call, result] = /"id":"(\w+)".*"tool_call_id":"(\w+)"/.exec(body) ?? [];
    expect(call).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(result).toBe(call);
    expect(named).toEqual(['tool_call_id']);
    expect(body).toBe(history(call ?? '', call ?? ''));
    expect(accommodated(history(toolu, toolu), ['longCallIds']).body).toBe(body);
    expect(accommodated(history(toolu, toolu), []).body).toBe(history(toolu, toolu));
    expect(accommodated(history('AbCdEf123', 'AbCdEf123'), ['longCallIds'])).toEqual({
      body: history('AbCdEf123', 'AbCdEf123'),
      named: [],
    });
  });

  it('is spared the signatures of calls with the thinking', () => {
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const said = (...calls: object[]) =>
      JSON.stringify({ model: 'm', messages: [{ role: 'assistant', tool_calls: calls }] });
    const signed = { ...call, extra_content: { google: { thought_signature: 'x' } } };
    expect(accommodated(said(signed, call), [], { withoutThinking: true })).toEqual({
      body: said(call, call),
      named: ['-reasoning_content'],
    });
    expect(accommodated(said(call), [], { withoutThinking: true })).toEqual({ body: said(call), named: [] });
  });

  it('gets both edits of the messages where it needs both', () => {
    const { body, named } = accommodated(history('call_1', 'call_1'), ['longCallIds'], { withoutThinking: true });
    expect(named).toEqual(['-reasoning_content', 'tool_call_id']);
    expect(body).not.toContain('reasoning_content');
    expect(body).not.toContain('call_1');
  });
});
