import type { Principal } from '../access/index.ts';
import type { ClientRoute, PassedPath, PathWords, Wire } from '../wire/index.ts';

/** The way back to one client, filled by the data-plane server. */
export interface Reply {
  /** The client closed its connection, or it broke. */
  readonly gone: boolean;
  /** Sends the head; once. */
  head(status: number, headers: Readonly<Record<string, string>>): void;
  /** Sends bytes; false when the client reads slower than we write: wait for `onDrain`. */
  write(bytes: Uint8Array): boolean;
  /** Sends the last bytes and ends the answer. */
  end(bytes?: Uint8Array): void;
  /** Breaks an answer off that has begun, so that nobody takes it for whole. */
  cut(): void;
  onDrain(listener: () => void): void;
  onGone(listener: () => void): void;
}

/** What a request that goes on from kept answers brought itself, before all was put together. */
export interface Resumed {
  /** Request id of the answer that it goes on from; null where it only named items, or goes on from one that a vendor holds. */
  readonly previous: string | null;
  readonly input: Uint8Array;
}

/** One client request whose body is read and whose key is known. */
export interface Exchange {
  readonly wire: Wire;
  readonly route: ClientRoute;
  /** What the path said beyond its route, or null. */
  readonly words: PathWords | null;
  /** Where it goes, where it is handed on as it is; absent for all that is read here. */
  readonly passed?: PassedPath;
  /** The answer that the path names, where it is about one that is kept. */
  readonly answer?: string;
  /** The query with its "?", or empty. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** What the next hop is told of the gateways that the request has come through: a value of `Via`. */
  readonly via: string;
  readonly principal: Principal;
  readonly body: Uint8Array;
  /** Asks for room for more bytes than came; false where there is none. It is given back with the request's own. */
  readonly takeRoom: (bytes: number) => boolean;
  /** Present where the body holds what was kept here of the conversation, beside what the client sent. */
  readonly resumed?: Resumed;
  readonly reply: Reply;
  readonly requestId: string;
  /** Unix milliseconds of arrival. */
  readonly startedAtMs: number;
  readonly startedMonotonicMs: number;
}
