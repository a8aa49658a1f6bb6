/** A number of the standard normal distribution (Box and Muller, one of the pair). */
export const normal = (chance: () => number): number => {
  const radius = Math.sqrt(-2 * Math.log(1 - chance()));
  return radius * Math.cos(2 * Math.PI * chance());
};
