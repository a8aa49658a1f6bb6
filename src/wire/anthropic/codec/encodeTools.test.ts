import { describe, expect, it } from 'vitest';

import type { ToolChoice } from '../../../vocabulary/index.ts';
import { calls, result, text, tool, user } from '../../codec/requests.fixture.ts';
import { isJsonObject } from '../../json/JsonObject.ts';
import { fixtureJson } from '../../recordings.fixture.ts';
import { faultOf, write } from './requests.fixture.ts';

describe('encodeTools', () => {
  it('names and forbids the tools of former calls where none are offered any more', () => {
    const { body } = write({ messages: [user(text('go')), calls('a'), user(result('a'))] });
    expect(body).toMatchObject({
      tools: [{ name: 'f', input_schema: { type: 'object', properties: {} } }],
      tool_choice: { type: 'none' },
    });
  });

  const matrix = fixtureJson('cases/17-tool-choice-none-parallel-false.matrix.json');
  it.each((Array.isArray(matrix) ? matrix : []).filter(isJsonObject))(
    'chooses tools as the matrix says: %j (case 17)',
    (row) => {
      const choices: Readonly<Record<string, ToolChoice>> = {
        auto: { type: 'auto' },
        none: { type: 'none' },
        required: { type: 'required' },
        named: { type: 'named', name: 'get_weather' },
      };
      const { body } = write({
        toolChoice: choices[String(row['tool_choice'])] ?? null,
        parallelToolCalls: row['parallel_tool_calls'] as boolean | null,
        tools: row['tools'] === true ? [{ ...tool, name: 'get_weather' }] : [],
      });
      expect(body['tool_choice'] ?? null).toEqual(row['anthropic']);
    },
  );

  it('refuses a choice of a tool that is not offered, and tools that the vendor would refuse', () => {
    const named: ToolChoice = { type: 'named', name: 'g' };
    expect(faultOf({ tools: [tool], toolChoice: named })).toMatchObject({ parameter: 'tool_choice' });
    expect(faultOf({ tools: [{ ...tool, name: 'a.b' }] })).toMatchObject({ parameter: 'tools' });
    expect(faultOf({ tools: [{ ...tool, parameters: { type: 'string' } }] })).toMatchObject({ parameter: 'tools' });
  });

  it('holds calls to their schema only where the vendor can', () => {
    const closed = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'] };
    const open = { type: 'object', additionalProperties: { type: 'string' } };
    const { body, dropped } = write({
      tools: [
        { ...tool, parameters: closed, strict: true },
        { ...tool, name: 'g', parameters: open, strict: true },
        { ...tool, name: 'h', description: 'd', strict: false },
      ],
    });
    expect(body['tools']).toEqual([
      {
        name: 'f',
        input_schema: {
          type: 'object',
          properties: { a: { type: 'integer', description: '{minimum: 1}' } },
          additionalProperties: false,
          required: ['a'],
        },
        strict: true,
      },
      { name: 'g', input_schema: { ...open, properties: {} } },
      { name: 'h', description: 'd', input_schema: { type: 'object', properties: {} } },
    ]);
    expect(dropped).toEqual(['strict']);
  });
});
