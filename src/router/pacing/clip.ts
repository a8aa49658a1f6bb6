/** A figure held between two bounds. */
export const clip = (value: number, least: number, most: number): number =>
  value < least ? least : value > most ? most : value;
