import { describe, expect, it } from 'vitest';

import type { GenerateRequest } from '../../../vocabulary/index.ts';
import { text, user } from '../../codec/requests.fixture.ts';
import { type JsonObject } from '../../json/JsonObject.ts';
import { write } from './requests.fixture.ts';

describe('encodeFormat', () => {
  const schemaFormat = (schema: JsonObject): Partial<GenerateRequest> => ({
    outputFormat: { type: 'json-schema', name: 'n', description: 'd', schema, strict: true },
  });

  it('enforces a schema where it can, and asks in words where it cannot', () => {
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    expect(write(schemaFormat(closed))).toMatchObject({
      body: { output_config: { format: { type: 'json_schema', schema: { ...closed, description: 'd' } } } },
      dropped: [],
    });
    expect(write(schemaFormat({ ...closed, maxProperties: 1 })).dropped).toEqual(['response_format']);
    for (const [schema, unsupported] of [
      [{ type: 'object', additionalProperties: { type: 'string' } }, []],
      [closed, ['output_config.format']],
    ] as const) {
      const { body, dropped } = write(schemaFormat(schema), { unsupported });
      expect(body['output_config']).toBeUndefined();
      expect(body['system']).toContain(JSON.stringify(schema));
      expect(dropped).toEqual(['response_format']);
    }
  });

  it('asks for any JSON object in words, after the caller’s own', () => {
    const { body, dropped } = write({
      messages: [{ role: 'system', content: [text('a')] }, user(text('hi'))],
      outputFormat: { type: 'json-object' },
    });
    expect(body['system']).toEqual([text('a'), text(expect.stringMatching(/^Answer with one JSON object/) as string)]);
    expect(dropped).toEqual(['response_format']);
  });
});
