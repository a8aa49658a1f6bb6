import type { Usage } from './usage.ts';

/** What vectors are made for, where their maker tells such apart. */
export type EmbedPurpose = 'search-document' | 'search-query' | 'classification' | 'clustering';

/** Texts that vectors are asked of, in no vendor's words. */
export interface EmbedRequest {
  readonly model: string;
  /** At least one; null where they came as tokens, which only the model knows whose they are. */
  readonly texts: readonly string[] | null;
  /** How many numbers a vector is to have; null: as many as the model makes. */
  readonly dimensions: number | null;
  readonly purpose: EmbedPurpose | null;
  /** How the client wants to be sent the numbers. */
  readonly encoding: 'float' | 'base64';
  /** Members that only label, and that other wires have no word for. */
  readonly hints: readonly string[];
  /** Members that shape the vectors, and that nobody else has a word for. */
  readonly natives: readonly string[];
}

/** What became of them. */
export interface Embeddings {
  /** The vendor's name of the model; empty where it gave none. */
  readonly model: string;
  /** One for each text, in their order. */
  readonly vectors: readonly (readonly number[])[];
  /** Null where the vendor told none. */
  readonly usage: Usage | null;
}
