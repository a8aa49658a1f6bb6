// Reported faults of gateways (test/fixtures/cases) in streamed calls of tools, from vendors of every wire to clients of every wire, judged on the events.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { caseOf } from '../rigs/caseOf.ts';
import { ConformanceRig, type Exchanged } from '../rigs/conformance/ConformanceRig.ts';
import { clients, vendors } from '../rigs/conformance/matrix.ts';
import { streamOf } from '../rigs/conformance/runCell.ts';
import { sseJson } from '../rigs/conformance/sse.ts';
import type { Ask, Call, Client, Counts, Json, Said, ToolWords, Vendor } from '../rigs/conformance/Words.ts';

const parallelCalls = caseOf('01-anthropic-parallel-tool-index');
const argumentsLost = caseOf('03-gemini-to-anthropic-args-dropped');

/** A case in words of no wire: what is asked, what is answered, and the stream in which its own vendor answered it. */
interface Rebuilt {
  readonly ask: Ask;
  readonly said: Said;
  readonly ownVendor: string;
  readonly ownStream: Buffer;
}

const countsOf = (input: number, output: number): Counts => ({
  input,
  cacheRead: 0,
  cacheWrite: 0,
  output,
  reasoning: 0,
});

const calledOf = (name: string, input: object): Call => ({ name, input });

const askOf = (text: string, tool: ToolWords): Ask => ({
  turns: [{ by: 'user', pieces: [{ kind: 'text', text }] }],
  tools: [tool],
  boundTokens: 200,
});

const rebuilt01 = (): Rebuilt => {
  const { messages, tools } = parallelCalls.json('request.json');
  const { assembledToolCalls: calls, usage } = parallelCalls.expected;
  return {
    ask: askOf(messages[0].content, tools[0].function),
    said: {
      text: ['To answer, I need to call twice.'],
      calls: calls.map(({ name, argumentsJson }: Json) => calledOf(name, argumentsJson)),
      ending: 'tool-calls',
      counts: countsOf(usage.prompt_tokens, usage.completion_tokens),
    },
    ownVendor: 'anthropic',
    ownStream: parallelCalls.bytes('upstream.sse'),
  };
};

const rebuilt03 = (): Rebuilt => {
  const { messages, tools } = argumentsLost.json('request.json');
  const { assembledBlocks: blocks, usage } = argumentsLost.expected;
  const [{ name, description, input_schema: parameters }] = tools;
  return {
    ask: askOf(messages[0].content, { name, description, parameters }),
    said: {
      calls: blocks.map(({ name: called, input }: Json) => calledOf(called, input)),
      ending: 'tool-calls',
      counts: countsOf(usage.input_tokens, usage.output_tokens),
    },
    ownVendor: 'gemini',
    ownStream: argumentsLost.bytes('upstream.sse'),
  };
};

/** A call as the events of a stream tell it: where it stands among the calls, or blocks, and its arguments as they were written. */
interface Told {
  readonly at: number;
  readonly id: string;
  readonly name: string;
  readonly written: string;
}

/** Keeps what pieces say under the number of their call; a piece of a call that was not opened is none. */
class ToldCalls {
  readonly #calls = new Map<number, { at: number; id: string; name: string; written: string }>();

  open(at: number, id: string, name: string): void {
    if (this.#calls.has(at)) throw new Error(`the number ${at} is given twice`);
    this.#calls.set(at, { at, id, name, written: '' });
  }

  write(at: number, piece: string): void {
    this.#calls.get(at)!.written += piece;
  }

  get all(): readonly Told[] {
    return [...this.#calls.values()];
  }
}

/** Only the first piece of a call has its id, type and name; the number counts calls, not blocks. */
const toldInChat = (events: readonly Json[]): readonly Told[] => {
  const told = new ToldCalls();
  for (const { choices } of events)
    for (const { index, id, type, function: piece } of choices[0]?.delta.tool_calls ?? []) {
      if (id !== undefined) told.open(index, id, piece.name);
      expect([type, piece.name === undefined]).toEqual(id === undefined ? [undefined, true] : ['function', false]);
      told.write(index, piece.arguments);
    }
  return told.all;
};

/** What a block starts with is empty: the input comes in pieces alone. */
const toldInMessages = (events: readonly Json[]): readonly Told[] => {
  const told = new ToldCalls();
  for (const { type, index, content_block: block, delta } of events) {
    if (type === 'content_block_start' && block.type === 'tool_use') {
      expect(block.input).toEqual({});
      told.open(index, block.id, block.name);
    }
    if (delta?.type === 'input_json_delta') told.write(index, delta.partial_json);
  }
  return told.all;
};

/** The number is the place in the output; the pieces make what the item has at its end. */
const toldInResponses = (events: readonly Json[]): readonly Told[] => {
  const told = new ToldCalls();
  const atEnd = new Map<number, string>();
  for (const { type, output_index: at, item, delta } of events) {
    const isCall = item?.type === 'function_call';
    if (type === 'response.output_item.added' && isCall) told.open(at, item.call_id, item.name);
    if (type === 'response.function_call_arguments.delta') told.write(at, delta);
    if (type === 'response.output_item.done' && isCall) atEnd.set(at, item.arguments);
  }
  const output: readonly Json[] = events.at(-1).response.output;
  for (const { at, id, written } of told.all) {
    expect([atEnd.get(at), output[at].arguments]).toEqual([written, written]);
    expect(output[at].call_id).toBe(id);
  }
  return told.all;
};

/** A call comes whole, in one part. */
const toldInContents = (events: readonly Json[]): readonly Told[] =>
  events
    .flatMap(({ candidates: [candidate] }) => candidate.content.parts)
    .map(({ functionCall: call }, at) => ({ at, call }))
    .filter(({ call }) => call !== undefined)
    .map(({ at, call }) => ({ at, id: call.id ?? `part ${at}`, name: call.name, written: JSON.stringify(call.args) }));

/** How each wire tells calls, and the number of the first after so many blocks of words. */
const readings: Readonly<
  Record<
    string,
    { readonly told: (events: readonly Json[]) => readonly Told[]; readonly first: (blocks: number) => number }
  >
> = {
  openai: { told: toldInChat, first: () => 0 },
  responses: { told: toldInResponses, first: (blocks) => blocks },
  anthropic: { told: toldInMessages, first: (blocks) => blocks },
  gemini: { told: toldInContents, first: (blocks) => blocks },
};

let rig: ConformanceRig;

beforeAll(async () => {
  rig = await ConformanceRig.open();
});

afterAll(() => rig[Symbol.asyncDispose]());

const expectTold = (client: Client, { ask, said }: Rebuilt, vendor: Vendor, exchanged: Exchanged): void => {
  expect(exchanged.status).toBe(200);
  const { told, first } = readings[client.name]!;
  const calls = told(sseJson(exchanged.text));
  const from = first((said.text ?? []).length);
  expect(calls.map(({ at }) => at)).toEqual((said.calls ?? []).map((_, index) => from + index));
  expect(calls.map(({ name, written }) => ({ name, input: JSON.parse(written) }))).toEqual(said.calls);
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  const { isWhole, fault, ending, text, told: counts } = client.hearsStream(exchanged.text);
  expect([isWhole, fault, text]).toEqual([true, null, (said.text ?? []).join('')]);
  expect(client.endings['tool-calls']).toContain(ending);
  expect(counts).toMatchObject({ input: said.counts.input, output: said.counts.output });
  // The question came there with its tool.
  const asked = vendor.hears(JSON.parse(exchanged.calls[0]!.body.toString()));
  expect([asked.tools, asked.said]).toMatchObject([ask.tools, [{ by: 'user', kind: 'text' }]]);
};

describe.each([
  ['case 01: calls in parallel keep apart, counted as the wire counts them', rebuilt01()],
  ['case 03: a call comes with all its arguments', rebuilt03()],
])('%s', (_name, rebuilt) => {
  describe.each(clients)('for a client of $name', (client) => {
    it.each(vendors)('from a vendor of $name', async (vendor) => {
      const events = vendor.saysStream(rebuilt.said);
      const exchanged = await rig.exchange(client, vendor, rebuilt.ask, true, streamOf(vendor, events));
      expectTold(client, rebuilt, vendor, exchanged);
    });

    it('from its own vendor, byte for byte as it was reported', async () => {
      const vendor = vendors.find(({ name }) => name === rebuilt.ownVendor)!;
      const script = streamOf(vendor, [rebuilt.ownStream]);
      expectTold(client, rebuilt, vendor, await rig.exchange(client, vendor, rebuilt.ask, true, script));
    });
  });
});

/** A stream of responses without the events of this kind. */
const without = (type: string, events: readonly Uint8Array[]): readonly Uint8Array[] =>
  events.filter((event) => !Buffer.from(event).includes(`event: ${type}`));

describe('case 03: arguments that a vendor of responses tells at once', () => {
  const rebuilt = rebuilt03();
  const vendor = vendors.find(({ name }) => name === 'responses')!;
  // A client of the vendor's own wire gets its events as they are.
  const others = clients.filter(({ name }) => name !== vendor.name);

  describe.each(others)('reach a client of $name', (client) => {
    it.each([
      ['when they are over', 'response.function_call_arguments.delta'],
      ['when their item is', 'response.function_call_arguments.'],
    ])('%s', async (_when, left) => {
      const script = streamOf(vendor, without(left, vendor.saysStream(rebuilt.said)));
      expectTold(client, rebuilt, vendor, await rig.exchange(client, vendor, rebuilt.ask, true, script));
    });
  });
});
