/** A JSON object as a schema or a native piece is kept: as it was parsed. */
export type JsonMembers = Readonly<Record<string, unknown>>;

/**
 * An opaque proof or cipher of a vendor: a signature of thinking, encrypted reasoning, a thought signature on a call. It means something only
 * to those who speak the wire it came over, and mostly to some of them only (`wire/codec/sealMark`); to all others the piece is sent without it, or not at
 * all. It is never made up and never changed.
 */
export interface Seal {
  /** Name of the wire. */
  readonly wire: string;
  readonly value: string;
  /** The vendor's own id of the sealed piece, where it wants it back. */
  readonly id?: string;
  /** Says for whom it means something, where a client brings it back that was given it with such a mark. */
  readonly mark?: string;
}

/** A place up to which the caller wants the prompt cached. Without a lifetime: the vendor's own. */
export interface CacheMark {
  readonly lifetime: '5m' | '1h' | null;
}

/** What every piece of input may carry. */
interface Marked {
  readonly cache?: CacheMark;
}

/** Bytes (base64), an address, or a name under which the vendor keeps a file. */
export type MediaSource =
  | { readonly type: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'stored'; readonly wire: string; readonly id: string };

export interface TextPart extends Marked {
  readonly type: 'text';
  /** May be empty where it only carries a seal. */
  readonly text: string;
  readonly seal?: Seal;
}

export interface ImagePart extends Marked {
  readonly type: 'image';
  readonly source: MediaSource;
  /** How closely it is looked at, where the caller says so: "auto", "low", "high". */
  readonly detail?: string;
}

/** A document: PDF or plain text. */
export interface FilePart extends Marked {
  readonly type: 'file';
  readonly source: MediaSource;
  readonly name: string | null;
}

export interface AudioPart extends Marked {
  readonly type: 'audio';
  readonly source: MediaSource;
}

/** Thinking in words; `seal` null where nobody signed it. */
export interface ThinkingPart {
  readonly type: 'thinking';
  readonly text: string;
  readonly seal: Seal | null;
}

/** Thinking that only its vendor can read. */
export interface RedactedThinkingPart {
  readonly type: 'redacted-thinking';
  readonly seal: Seal;
}

export interface ToolCallPart extends Marked {
  readonly type: 'tool-call';
  readonly id: string;
  readonly name: string;
  /** JSON text of an object, as the model wrote it; never blank: "{}" where there are no arguments. */
  readonly arguments: string;
  readonly seal?: Seal;
}

export interface ToolResultPart extends Marked {
  readonly type: 'tool-result';
  readonly callId: string;
  readonly content: readonly (TextPart | ImagePart | FilePart)[];
  readonly isError: boolean;
}

/** The model's words why it does not answer. */
export interface RefusalPart {
  readonly type: 'refusal';
  readonly text: string;
}

export type InputPart = TextPart | ImagePart | FilePart | AudioPart;
export type UserPart = InputPart | ToolResultPart;
/** What a model can say. */
export type AnswerContent = TextPart | ThinkingPart | RedactedThinkingPart | ToolCallPart | RefusalPart;

export type Message =
  | { readonly role: 'system'; readonly content: readonly TextPart[] }
  | { readonly role: 'user'; readonly content: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly AnswerContent[] };

export interface Tool extends Marked {
  readonly name: string;
  readonly description: string | null;
  /** JSON Schema of the arguments, of type object. */
  readonly parameters: JsonMembers;
  /** Whether the arguments must fit the schema; null where the caller leaves it to the vendor. */
  readonly strict: boolean | null;
  /** Where the caller's wire keeps it in a group of tools: `name` is made of both then, and each call of it goes back under what it is called there. */
  readonly place?: ToolPlace;
  /** The caller takes its calls as a text and not as an object: `parameters` has the one member `input`, which is that text. */
  readonly form?: 'text';
}

/** The name of a group of tools, and the tool's own name within it. */
export interface ToolPlace {
  readonly group: string;
  readonly name: string;
}

export type ToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'none' }
  /** Any tool, but one. */
  | { readonly type: 'required' }
  | { readonly type: 'named'; readonly name: string };

export type OutputFormat =
  | { readonly type: 'text' }
  /** Any JSON object. */
  | { readonly type: 'json-object' }
  | {
      readonly type: 'json-schema';
      readonly name: string | null;
      readonly description: string | null;
      readonly schema: JsonMembers;
      readonly strict: boolean | null;
    };

/** How hard to think before answering. */
export interface Reasoning {
  /** `off`: not at all · `on`: within `budgetTokens` or by `effort` · `adaptive`: as the model sees fit. */
  readonly mode: 'off' | 'on' | 'adaptive';
  /** Most tokens of thinking, where the caller bounds them. */
  readonly budgetTokens: number | null;
  /** The vendors' scale: "minimal", "low", "medium", "high", "xhigh", "max"; null where the caller does not say. */
  readonly effort: string | null;
  /** Whether the caller wants to see the thinking. */
  readonly show: boolean;
}

/** A request for an answer, in no vendor's words. Null: the caller did not say, and the vendor decides. */
export interface GenerateRequest {
  /** Name that the caller asks for. */
  readonly model: string;
  readonly stream: boolean;
  readonly messages: readonly Message[];
  readonly tools: readonly Tool[];
  readonly toolChoice: ToolChoice | null;
  readonly parallelToolCalls: boolean | null;
  readonly outputFormat: OutputFormat;
  /** Most tokens of the answer, thinking included. */
  readonly outputTokensMax: number | null;
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly stopSequences: readonly string[];
  readonly reasoning: Reasoning | null;
  /** Whom an abuse report would be about: an opaque name of the caller's own user. */
  readonly endUser: string | null;
  /** Members that only tune or label (cache keys, seeds, metadata): another wire may leave them out and says so. Names as on the caller's wire. */
  readonly hints: readonly string[];
  /** What the request needs and no other wire has a word for, as it is called on the caller's wire. Not empty: it can be served over its own wire only. */
  readonly natives: readonly string[];
}
