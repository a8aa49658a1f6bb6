/** Wires that a file may name already: they are checked with the rest, and nothing is sent there yet. */
export const plannedWires: readonly string[] = ['vertex'];
