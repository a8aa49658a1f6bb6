import type { SseEvent } from '../sse/SseReader.ts';
import type { RunningAnswer } from '../seam/RunningAnswer.ts';
import type { StreamObserver, StreamState } from '../wire.ts';
import type { RelayStep, StreamRelay } from './StreamRelay.ts';

const nothing = new Uint8Array(0);

/** Hands the target's events on as they came, without those that the client must not see. */
export class DirectRelay implements StreamRelay {
  readonly #observer: StreamObserver;

  constructor(observer: StreamObserver) {
    this.#observer = observer;
  }

  get state(): StreamState {
    return this.#observer.state;
  }

  get running(): RunningAnswer | null {
    return this.#observer.running ?? null;
  }

  relay(event: SseEvent): RelayStep {
    const { kind, hide, failure } = this.#observer.observe(event);
    const bytes = hide ? nothing : event.raw;
    return failure === undefined ? { kind, bytes } : { kind, bytes, failure };
  }

  closing(): Uint8Array {
    return this.#observer.closing();
  }
}
