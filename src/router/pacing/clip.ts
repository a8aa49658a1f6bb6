/** A figure held between two bounds; one that is none is the least. */
export const clip = (value: number, least: number, most: number): number =>
  value > most ? most : value >= least ? value : least;
