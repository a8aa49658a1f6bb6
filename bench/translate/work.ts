import {
  directPassage,
  frameOf,
  requestCeilings,
  takesAsItIs,
  translatingPassage,
  type Passage,
  type SseEvent,
  type UpstreamWire,
  type Wire,
} from '../../src/wire/index.ts';
import { modelOf, placeOf, streamsOf, target, toolHeavyBody, wholeAnswer } from './inputs.ts';

/** What is timed on one input: all do the same bytes. */
export interface Work {
  /** "openai>anthropic". */
  readonly way: string;
  readonly kind: 'request' | 'toolHeavy' | 'answer' | 'event';
  /** Bytes of one unit: a body, or the data of an event on average. */
  readonly bytes: number;
  /** Units in one run. */
  readonly units: number;
  readonly parse: () => unknown;
  readonly roundTrip: () => unknown;
  /** What a pass-through does to the same bytes; null where no client speaks the vendor's wire. */
  readonly observe: (() => unknown) | null;
  readonly translate: () => unknown;
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
const parsed = (bytes: Uint8Array): unknown => JSON.parse(text(bytes));
const written = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

const given = {
  requestId: '0199',
  createdAtS: 1_700_000_000,
  inputEstimateTokens: 12,
  usageAsked: true,
  sealedAt: placeOf('m'),
};

const orThrow = <Value>(result: { ok: true; value: Value } | { ok: false; fault: object }): Value => {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
};

const wordsOf = (client: Wire, stream: boolean) => (client.name === 'gemini' ? { model: 'm', stream } : null);

/** A client's request on its way to a target, as the gateway takes it there. */
const passageOf = (client: Wire, wire: UpstreamWire, body: Uint8Array, stream: boolean): Passage => {
  const request = orThrow(client.codec.decodeRequest(body, wordsOf(client, stream)));
  return orThrow(translatingPassage({ client, request, frame: frameOf(request, given) }, wire, target(modelOf(wire))));
};

const requestWork = (client: Wire, wire: UpstreamWire, kind: Work['kind'], body: Uint8Array): Work => ({
  way: `${client.name}>${wire.name}`,
  kind,
  bytes: body.length,
  units: 1,
  parse: () => parsed(body),
  roundTrip: () => written(parsed(body)),
  observe: () => {
    const facts = orThrow(client.readRequest(body, 'generate', requestCeilings, wordsOf(client, false)));
    return client.editRequest(body, facts, { model: 'vendor-model', askUsage: false });
  },
  translate: () => passageOf(client, wire, body, false).body,
});

/** The wire of the clients whose bytes pass to such a vendor as they are. */
const ownClient = (wire: UpstreamWire, clients: readonly Wire[]): Wire | null =>
  clients.find((client) => takesAsItIs(wire, client)) ?? null;

const answerWork = (client: Wire, wire: UpstreamWire, passage: Passage, own: Wire | null): Work => {
  const body = wholeAnswer(wire);
  return {
    way: `${client.name}>${wire.name}`,
    kind: 'answer',
    bytes: body.length,
    units: 1,
    parse: () => parsed(body),
    roundTrip: () => written(parsed(body)),
    observe: own === null ? null : () => orThrow(own.readAnswer('generate', body)),
    translate: () => orThrow(passage.relayAnswer('generate', body, {})).body,
  };
};

const eventWork = (client: Wire, wire: UpstreamWire, passage: Passage, own: Wire | null): Work => {
  const streams = streamsOf(wire);
  const said = streams.flat().flatMap(({ data }) => (data === null || !data.startsWith('{') ? [] : [data]));
  const relayed = (through: Passage): number => {
    let bytes = 0;
    for (const events of streams) {
      const relay = through.relayStream();
      for (const event of events) bytes += relay.relay(event).bytes.length;
      bytes += relay.closing().length;
    }
    return bytes;
  };
  const direct = own === null ? null : directPassage(own, wire, passage.body, passage.facts);
  return {
    way: `${client.name}>${wire.name}`,
    kind: 'event',
    bytes: Math.round(said.reduce((sum, data) => sum + data.length, 0) / said.length),
    units: said.length,
    parse: () => said.map((data): unknown => JSON.parse(data)),
    roundTrip: () => said.map((data) => written(JSON.parse(data))),
    observe: direct === null ? null : () => relayed(direct),
    translate: () => relayed(passage),
  };
};

/** What all clients of other wires make of a vendor's events must be an answer: an error would be quick. */
const check = (way: string, streams: readonly (readonly SseEvent[])[], passage: Passage): void => {
  for (const events of streams) {
    const relay = passage.relayStream();
    for (const event of events) {
      const { failure } = relay.relay(event);
      if (failure !== undefined) throw new Error(`${way}: ${JSON.stringify(failure)}`);
    }
  }
};

/** Everything that is timed: each client's wire with each other one, requests, whole answers and events. */
export const allWork = (
  clients: readonly Wire[],
  vendors: readonly UpstreamWire[],
  toolHeavyBytes: number,
): readonly Work[] =>
  clients.flatMap((client) => {
    const small = toolHeavyBody(client, 1);
    const large = toolHeavyBody(client, toolHeavyBytes);
    const streamed = toolHeavyBody(client, 1, true);
    return vendors
      .filter((wire) => !takesAsItIs(wire, client))
      .flatMap((wire) => {
        const own = ownClient(wire, clients);
        const passage = passageOf(client, wire, small, false);
        const streaming = passageOf(client, wire, streamed, true);
        check(`${client.name}>${wire.name}`, streamsOf(wire), streaming);
        return [
          requestWork(client, wire, 'request', small),
          requestWork(client, wire, 'toolHeavy', large),
          answerWork(client, wire, passage, own),
          eventWork(client, wire, streaming, own),
        ];
      });
  });
