/** Why a candidate had better not be asked now, though it may be. */
export interface Rest {
  /** For people: "quota domain has 39 requests under way, as many as it bears". */
  readonly reason: string;
  /** It has as many requests as we believe that it bears at a time: nobody has said so, and nothing is wrong with it. */
  readonly isCrowded: boolean;
}
