import type { Failure } from '../../vocabulary/index.ts';
import { success } from '../../kernel/index.ts';
import type { Passage } from '../passage/passage.ts';
import type { RelayStep, StreamRelay } from '../passage/StreamRelay.ts';
import type { RequestFacts, StreamState } from '../facts.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { EventReader, UpstreamWire } from '../wire.ts';

/** Bytes in the pieces in which they come: nobody looks for events in them. */
const pieces: EventReader = {
  push: (chunk) => success([{ event: null, data: null, raw: chunk }]),
  end: () => [],
};

/** Hands whatever comes on, and counts it. It is whole when its connection says so. */
class UntouchedRelay implements StreamRelay {
  #bytes = 0;

  get state(): StreamState {
    return { usage: null, complete: true, outputBytes: this.#bytes };
  }

  relay({ raw }: SseEvent): RelayStep {
    this.#bytes += raw.length;
    return { kind: 'content', bytes: raw };
  }

  closing(): Uint8Array {
    return new Uint8Array(0);
  }
}

/**
 * What a refusal says of a path that nobody reads here: of its quota and of an outage what its wire says. A key that may not do this, or a thing that is not
 * there, is between the client and the vendor, and no word about the credential.
 */
const asOfPath = (failure: Failure): Failure =>
  failure.class === 'operator' || failure.class === 'protocol' ? { ...failure, class: 'client' } : failure;

/** The wire of a provider as far as requests need it that are handed on untouched: how its key is carried, and what its refusals mean. */
export const untouchedWire = (wire: UpstreamWire): UpstreamWire => ({
  ...wire,
  // Whatever it is.
  streamType: '',
  readEvents: () => pieces,
  editRequest: (body) => ({ body, named: [] }),
  classify: (answer, nowMs) => asOfPath(wire.classify(answer, nowMs)),
  correction: () => null,
  accommodation: () => ({}),
});

/** The way of what is handed on untouched: there is nothing to say in other words, and no usage to read. @param wire An untouched one. */
export const untouchedPassage = (wire: UpstreamWire, body: Uint8Array, facts: RequestFacts): Passage => ({
  wire,
  translated: false,
  body,
  facts,
  dropped: [],
  frame: null,
  relayStream: () => new UntouchedRelay(),
  relayAnswer: (_operation, answer) => success({ usage: null, outputBytes: answer.length, body: answer }),
});
