import { describe, expect, it } from 'vitest';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { utf8Bytes } from '../utf8.ts';
import { isJsonObject, parseJson } from './JsonObject.ts';
import { hasTooManyValues, valuesMax } from './valuesMax.ts';

/** A list of so many values, itself counted. */
const listOf = (value: string, count: number): string => `[${`${value},`.repeat(count - 2)}${value}]`;

describe('a text of JSON', () => {
  it.each([
    ['objects', '{}'],
    ['arrays', '[]'],
    ['texts', '""'],
  ])('is decoded with as many %s as may be, and not with one more', (_, value) => {
    const most = listOf(value, valuesMax);
    expect([hasTooManyValues(most), Array.isArray(parseJson(most))]).toEqual([false, true]);
    const more = listOf(value, valuesMax + 1);
    expect([hasTooManyValues(more), parseJson(more)]).toEqual([true, undefined]);
  });

  it('counts what stands in its texts, which is decoded in its turn', () => {
    const inText = JSON.stringify({ arguments: `{"list":${listOf('{}', valuesMax)}}` });
    expect(hasTooManyValues(inText)).toBe(true);
  });

  it('may be as long as it likes where it says little', () => {
    const image = JSON.stringify({ url: `data:image/png;base64,${Buffer.alloc(24_000_000, 7).toString('base64')}` });
    const numbers = `{"embedding":[${'0.123456789,'.repeat(500_000)}0]}`;
    for (const text of [image, numbers]) expect(isJsonObject(parseJson(text))).toBe(true);
  });
});

describe('a request that holds too much', () => {
  it('is refused by whoever would read it whole, with what it is, and how it can be served', () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const body = utf8Bytes(
      JSON.stringify({ model: 'm', messages, metadata: 'M' }).replace('"M"', listOf('{}', valuesMax)),
    );
    expect(openaiWire.readRequest(body, 'generate').ok, 'it can be passed on').toBe(true);
    const read = openaiWire.codec.decodeRequest(body);
    expect(read).toMatchObject({ ok: false, fault: { code: 'bad_request' } });
    expect(!read.ok && read.fault.message).toMatch(/more than 1000000 objects, arrays and texts.*Send fewer/);
  });
});

describe('an answer that holds too much', () => {
  it('is none, passed on or translated', () => {
    const body = utf8Bytes(`{"choices":${listOf('{}', valuesMax)}}`);
    const reads = [
      openaiWire.readAnswer('generate', body),
      openaiWire.codec.decodeAnswer(body),
      anthropicWire.readAnswer('generate', body),
    ];
    for (const read of reads)
      expect(read).toMatchObject({ ok: false, fault: { class: 'protocol', cause: 'too_many_values' } });
  });
});
