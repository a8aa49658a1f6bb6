/** A seam as clients are told of it, in the stream and in its last event but one. */
export interface Sewn {
  /** "provider/model" whose answer broke off, and who goes on with it. */
  readonly from: string;
  readonly to: string;
  /** How much visible text stood before it, and how much of the continuation was left out since it stood there already. UTF-16 units. */
  readonly textLength: number;
  readonly trimmed: number;
}

/** The member of a stream's last events that tells of its seams, as JSON with the comma before it; empty where there are none. */
export const seamsMember = (seams: readonly Sewn[]): string =>
  seams.length === 0 ? '' : `,"archipel":${JSON.stringify({ seams })}`;

/** A comment line that stands where the seam is; no blank line follows it, since older SDKs take one for an empty event. */
export const seamComment = (seam: Sewn): string => `: archipel-seam ${JSON.stringify(seam)}\n`;
