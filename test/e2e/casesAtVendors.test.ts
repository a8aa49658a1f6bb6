// Reported faults of gateways (test/fixtures/cases) at vendors of the newer wires, read by the words of the conformance suite.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf } from '../rigs/caseOf.ts';
import { chatClient } from '../rigs/conformance/clients/chatClient.ts';
import { messagesClient } from '../rigs/conformance/clients/messagesClient.ts';
import { ConformanceRig, type Exchanged } from '../rigs/conformance/ConformanceRig.ts';
import { converseVendor } from '../rigs/conformance/vendors/converseVendor.ts';
import { geminiVendor } from '../rigs/conformance/vendors/geminiVendor.ts';
import { responsesVendor } from '../rigs/conformance/vendors/responsesVendor.ts';
import type { Asked, Client, Json, Said, Vendor } from '../rigs/conformance/Words.ts';
import { answer } from '../rigs/ScriptedUpstream.ts';

const noArguments = caseOf('05-noarg-tool-empty-string');
const toolChoice = caseOf('17-tool-choice-none-parallel-false');
const signatures = caseOf('19-signature-delta-lost');
const images = caseOf('21-data-uri-image');
const reasons = caseOf('25-stop-reason-table');
const callIds = caseOf('29-toolcall-ids-across-providers');
const schemas = caseOf('31-mcp-schema-for-gemini');
const cached = caseOf('33-cache-tokens-billed-twice');
const bounds = caseOf('45-max-tokens-reasoning-models');

const vendors = [responsesVendor, geminiVendor, converseVendor];
const fine: Said = {
  text: ['fine'],
  ending: 'stop',
  counts: { input: 10, cacheRead: 0, cacheWrite: 0, output: 3, reasoning: 0 },
};

let rig: ConformanceRig;

beforeAll(async () => {
  rig = await ConformanceRig.open();
});

afterAll(() => rig[Symbol.asyncDispose]());

/** Sends a body of this client's wire as it stands, and answers with this one of the vendor's. */
const send = (
  client: Client,
  vendor: Vendor,
  body: object,
  whole: object = vendor.says(fine),
  unsupported: readonly string[] = [],
) => rig.send(client, vendor, body, answer(200, whole), unsupported);

const bodyOf = ({ calls }: Exchanged): Json => JSON.parse(calls[0]!.body.toString());

/** What reached the vendor that was asked so, which answered. */
const askedOf = async (client: Client, vendor: Vendor, body: object): Promise<Asked> => {
  const exchanged = await send(client, vendor, body);
  expect(exchanged.status).toBe(200);
  return vendor.hears(bodyOf(exchanged));
};

describe.each(vendors)('at a vendor of $name', (vendor) => {
  it('case 05: arguments that are "" come as none', async () => {
    const { said } = await askedOf(chatClient, vendor, noArguments.json('request2.json'));
    expect(said.slice(1)).toEqual([
      { by: 'assistant', kind: 'call', call: 1, name: 'snooze', input: {} },
      { by: 'user', kind: 'result', call: 1, text: 'null' },
    ]);
  });

  const matrix: readonly Json[] = toolChoice.json('matrix.json');

  it.each(matrix)(
    'case 17: tool_choice $tool_choice, parallel $parallel_tool_calls, with tools: $tools',
    async ({ tool_choice: choice, parallel_tool_calls: parallel, tools }) => {
      const {
        tool_choice: _choice,
        parallel_tool_calls: _parallel,
        tools: offered,
        stream: _stream,
        ...request
      } = toolChoice.json('request.json');
      const named = { type: 'function', function: { name: 'get_weather' } };
      const exchanged = await send(chatClient, vendor, {
        ...request,
        ...(choice === null ? {} : { tool_choice: choice === 'named' ? named : choice }),
        ...(parallel === null ? {} : { parallel_tool_calls: parallel }),
        ...(tools ? { tools: offered } : {}),
      });
      expect(exchanged.status).toBe(200);
      const asked = { ...vendor.hears(bodyOf(exchanged)) };
      const wanted = { ...asked, tools: tools ? offered.map((tool: Json) => tool.function) : [] };
      const meant = choice === 'named' ? { name: 'get_weather' } : (choice ?? 'auto');
      const whole: Asked = { ...wanted, choice: tools ? meant : 'auto' };
      expect(asked).toMatchObject(vendor.fit?.(whole) ?? whole);
      // Only one of the three can be told to make one call at a time; of the others it is said that they were not.
      const isTold = bodyOf(exchanged).parallel_tool_calls === false;
      const isDropped = (exchanged.headers.get('x-archipel-dropped') ?? '').includes('parallel_tool_calls');
      if (parallel === false && tools && meant !== 'none') expect(isTold !== isDropped).toBe(true);
      if (parallel !== false || !tools) expect([isTold, isDropped]).toEqual([false, false]);
    },
  );

  it('case 19: thinking that nobody signed does not come, and the rest of its turn does', async () => {
    const exchanged = await send(messagesClient, vendor, signatures.json('request2-unsigned.json'));
    expect(exchanged.status).toBe(200);
    // Where thinking is asked for by effort alone, its budget is brought closer, and that is told, too.
    expect(exchanged.headers.get('x-archipel-dropped')).toMatch(/^(reasoning, )?thinking$/);
    expect(JSON.stringify(bodyOf(exchanged))).not.toContain('from another vendor');
    expect(vendor.hears(bodyOf(exchanged)).said).toMatchObject([{ text: 'hi' }, { text: 'Hello' }, { text: 'again' }]);
  });

  it('case 21: images come with their type, a wrong one mended, those in results too', async () => {
    const text = images.bytes('request.json').toString();
    const { data } = images.json('reverse.request.json').messages[0].content[0].source;
    for (const [written, mediaType] of [
      ['image/png', 'image/png'],
      ['image/jpg', 'image/jpeg'],
    ]) {
      const request = JSON.parse(text.replace('data:image/png', `data:${written}`));
      // An address is no image of this API (test/rigs/conformance/skips.ts).
      for (const message of request.messages)
        message.content = message.content.filter(
          ({ image_url: image }: Json) => !(image?.url ?? '').startsWith('https'),
        );
      const { said } = await askedOf(chatClient, vendor, request);
      expect(said).toContainEqual(expect.objectContaining({ kind: 'image', mediaType }));
    }
    const exchanged = await send(messagesClient, vendor, {
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: images.json('reverse.request.json').messages[0].content,
            },
          ],
        },
      ],
    });
    expect(exchanged.status).toBe(200);
    expect(JSON.stringify(bodyOf(exchanged))).toContain(data);
  });

  it('case 29: calls and results are pairs with ids that fit, and an orphan is no result', async () => {
    const { said } = await askedOf(chatClient, vendor, callIds.json('request.json'));
    const results = said.filter((one) => one.kind === 'result');
    expect(results).toEqual([{ by: 'user', kind: 'result', call: 1, text: 'a.txt' }]);
    const long = callIds
      .bytes('request.json')
      .toString()
      .replaceAll('toolu_01AbCdEfGhIjKlMnOpQrStUv', `call_${'x'.repeat(80)}`);
    const exchanged = await send(chatClient, vendor, JSON.parse(long));
    expect(vendor.hears(bodyOf(exchanged)).said.filter((one) => one.kind === 'result')).toEqual(results);
    if (vendor !== geminiVendor)
      expect(JSON.stringify(bodyOf(exchanged))).not.toMatch(new RegExp(`x{${callIds.expected.responsesCallIdMax}}`));
  });

  it('case 31: every tool comes, one without a schema as an object without properties', async () => {
    const tools: readonly Json[] = schemas.json('tools.json').tools;
    const functions = tools.map(({ name, inputSchema }) => ({
      type: 'function',
      function: { name, parameters: inputSchema },
    }));
    const asked = await askedOf(chatClient, vendor, { messages: [{ role: 'user', content: 'hi' }], tools: functions });
    expect(asked.tools.map(({ name }) => name)).toEqual(['find', 'noop']);
    expect(asked.tools[0]!.parameters).toHaveProperty('properties.additionalProperties');
    expect(asked.tools[1]!.parameters).toEqual({ type: 'object', properties: {} });
  });

  it('case 45: what the model is known to refuse is left out and told, and the bound has the vendor’s name', async () => {
    const request = bounds.json('request.json');
    for (const client of [chatClient, messagesClient]) {
      const exchanged = await send(client, vendor, request, undefined, ['temperature']);
      expect(exchanged.status).toBe(200);
      expect(vendor.hears(bodyOf(exchanged))).toMatchObject({ temperature: null, boundTokens: 100 });
      expect(exchanged.headers.get('x-archipel-dropped')).toBe('temperature');
    }
  });
});

describe('case 25: why an answer ended', () => {
  const table: Json = reasons.json('table.json');
  const rows = (['bedrock', 'gemini'] as const).flatMap((wire) =>
    Object.entries<string>(table[wire]).map(([word, wanted]) => [wire, word, wanted] as const),
  );

  it.each([...rows, ['bedrock', 'tired', '$never stop'], ['gemini', 'TIRED', '$never stop']] as const)(
    '%s: %s is %s for a chat',
    async (wire, word, wanted) => {
      const vendor = vendors.find(({ name }) => name === wire)!;
      const written = JSON.stringify(vendor.says(fine)).replace(/"(end_turn|STOP)"/, JSON.stringify(word));
      const { text } = await send(
        chatClient,
        vendor,
        { messages: [{ role: 'user', content: 'hi' }] },
        JSON.parse(written),
      );
      const { ending } = chatClient.hears(JSON.parse(text));
      if (wanted.startsWith('$')) expect(ending).not.toBe('stop');
      else expect(wanted).toContain(ending);
    },
  );
});

describe('case 33: what was cached is billed once', () => {
  const rows: readonly Json[] = cached
    .json('usages.json')
    .cases.filter(({ vendor }: Json) => ['google', 'bedrock'].includes(vendor));

  it.each(rows)('by the usage of $vendor', async ({ vendor: name, usage, buckets }) => {
    const vendor = name === 'google' ? geminiVendor : converseVendor;
    const whole = { ...vendor.says(fine), [name === 'google' ? 'usageMetadata' : 'usage']: usage };
    const { finals, text } = await send(chatClient, vendor, { messages: [{ role: 'user', content: 'hi' }] }, whole);
    const {
      input = 0,
      cacheRead = 0,
      cacheWrite5m = 0,
      cacheWrite1h = 0,
      output = 0,
      reasoning = 0,
    } = finals[0]!.usage;
    expect({ uncachedInput: input, cacheRead, cacheWrite5m, cacheWrite1h, output: output + reasoning }).toEqual(
      buckets,
    );
    expect(chatClient.hears(JSON.parse(text)).told).toMatchObject({
      input: input + cacheRead + cacheWrite5m + cacheWrite1h,
      cacheRead,
    });
  });
});
