import type { Socket } from 'node:net';
import { faultMessage } from '../connectFault.ts';
import { AnswerReader } from './AnswerReader.ts';
import type { CallPlace, LeanCall } from './LeanCall.ts';

/** Bodies up to this size go out in one write with the head. Bytes. */
const oneWriteBytesMax = 16_384;

/** Who hears how a connection comes up, or not. */
export interface OpeningListener {
  /** The other side took the connection; TLS may still be to come. */
  reached(connection: Connection): void;
  opened(connection: Connection): void;
  failed(connection: Connection, error: unknown): void;
}

/** Who hears what becomes of an open connection. */
export interface ConnectionOwner {
  /** It may serve another call. */
  released(connection: Connection): void;
  /** It serves no call any more. */
  gone(connection: Connection): void;
  /** It went before anything of the call was written. */
  unsent(call: LeanCall): void;
}

export interface ConnectionSettings {
  readonly secure: boolean;
  readonly headerBytesMax: number;
  readonly owner: ConnectionOwner;
  readonly opening: OpeningListener;
}

/**
 * One socket and the one call on it. What the vendor sends while no request is out belongs to nobody: the connection is cut, so that it can
 * never be taken for the answer to a later request.
 */
export class Connection implements CallPlace {
  readonly #socket: Socket;
  readonly #reader: AnswerReader;
  readonly #owner: ConnectionOwner;
  #opening: OpeningListener | null;
  #call: LeanCall | null = null;
  /** What came while its call was paused; the socket is stopped as long as there is some. */
  #held: Buffer | null = null;
  /** The vendor closed its side behind what is held. */
  #ended = false;
  #gone = false;
  /** How long the vendor keeps it while it is idle, as of its last answer. Milliseconds. */
  idleMsMax = Infinity;
  /** The turn of the event loop in which it was last released. */
  releasedTurn = -1;
  /** When its owner stops using it. Monotonic milliseconds. */
  idleUntilMs = Infinity;

  /** @param open Opens the socket; its bytes go to the function given. */
  constructor(settings: ConnectionSettings, open: (read: (bytes: Buffer) => void) => Socket) {
    this.#owner = settings.owner;
    this.#opening = settings.opening;
    this.#reader = new AnswerReader(settings.headerBytesMax);
    this.#socket = open((bytes) => this.#read(bytes));
    this.#socket.once('connect', () => this.#opening?.reached(this));
    this.#socket.once(settings.secure ? 'secureConnect' : 'connect', () => this.#opened());
    this.#socket.on('error', (error) => this.#broken(error));
    this.#socket.on('end', () => this.#end());
    this.#socket.on('close', () => this.#closed());
  }

  /** Takes a call; its request goes out with `send`. */
  assign(call: LeanCall): void {
    this.#call = call;
    call.place = this;
  }

  /** Writes the request of the call that was assigned, if it is still there. */
  send(): void {
    const call = this.#call;
    if (call === null || call.sent) return;
    call.sent = true;
    this.#reader.begin(call.method);
    const { head, body } = call;
    if (body === null) this.#socket.write(head, 'latin1');
    // One write is one call of the system; of two buffers, node makes a slower one.
    else if (body.length <= oneWriteBytesMax) this.#socket.write(head + body.toString('latin1'), 'latin1');
    else this.#sendApart(head, body);
  }

  /** Cuts the connection; its call, if there is one, fails. */
  destroy(message: string): void {
    this.#lost(message);
  }

  leave(call: LeanCall): void {
    if (call !== this.#call) return;
    this.#call = null;
    if (call.sent) this.#drop();
    else this.#owner.released(this);
  }

  resumed(call: LeanCall): void {
    const held = this.#held;
    if (call !== this.#call || held === null) return;
    this.#held = null;
    this.#consume(call, held);
    if (this.#held !== null) return;
    if (this.#ended) this.#end();
    else this.#socket.resume();
  }

  #sendApart(head: string, body: Buffer): void {
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    this.#socket.write(body);
    this.#socket.uncork();
  }

  #opened(): void {
    const opening = this.#opening;
    this.#opening = null;
    opening?.opened(this);
  }

  #read(bytes: Buffer): void {
    const call = this.#call;
    if (call === null || !call.sent) this.#lost('the vendor sent what nobody asked for');
    else if (this.#held !== null) this.#held = Buffer.concat([this.#held, bytes]);
    else this.#consume(call, bytes);
  }

  #consume(call: LeanCall, bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && !this.#reader.over) {
      if (call.paused) return this.#hold(bytes.subarray(at));
      at = this.#step(call, bytes, at);
      // The listener may have ended the call.
      if (this.#call !== call) return;
    }
    if (this.#reader.flaw !== null) this.#malformed(call, this.#reader.flaw);
    else if (!this.#reader.whole) return;
    else if (call.paused) this.#hold(bytes.subarray(at));
    else this.#answered(call, at === bytes.length);
  }

  /** A listener that throws ends its call, not the process. */
  #step(call: LeanCall, bytes: Buffer, at: number): number {
    try {
      return this.#reader.step(bytes, at, call.sink);
    } catch (error) {
      this.#call = null;
      this.#drop();
      call.failed('aborted', `the reader of the answer threw: ${faultMessage(error)}`);
      return at;
    }
  }

  #hold(bytes: Buffer): void {
    this.#held = bytes;
    this.#socket.pause();
  }

  #malformed(call: LeanCall, flaw: string): void {
    this.#call = null;
    this.#drop();
    call.failed('answer_malformed', flaw);
  }

  /** @param clean Whether nothing came behind the answer. */
  #answered(call: LeanCall, clean: boolean): void {
    this.#call = null;
    this.idleMsMax = this.#reader.idleMsMax;
    // A vendor that answers before it has read the request may take the rest of it for the next one.
    const reusable = clean && this.idleMsMax > 0 && !this.#ended && this.#socket.writableLength === 0;
    if (reusable) this.#owner.released(this);
    else this.#drop();
    call.ended();
  }

  #end(): void {
    const call = this.#call;
    if (this.#held !== null) this.#ended = true;
    else if (call?.sent === true && this.#reader.endsByClose) this.#answered(call, false);
    else this.#lost('the vendor closed the connection');
  }

  #closed(): void {
    if (this.#held === null || !this.#ended) this.#lost('the connection was closed');
  }

  #broken(error: unknown): void {
    const opening = this.#opening;
    this.#opening = null;
    if (opening === null) return this.#lost(faultMessage(error));
    this.#gone = true;
    this.#socket.destroy();
    opening.failed(this, error);
  }

  #lost(message: string): void {
    if (this.#opening !== null) return this.#broken(new Error(message));
    const call = this.#call;
    this.#call = null;
    this.#drop();
    if (call === null) return;
    if (call.sent) call.failed('reset', message);
    else this.#owner.unsent(call);
  }

  #drop(): void {
    this.#held = null;
    this.#socket.destroy();
    if (this.#gone) return;
    this.#gone = true;
    this.#owner.gone(this);
  }
}
