/** What HiGHS calls the end of a run. */
export const modelStatus = { optimal: 7, infeasible: 8 } as const;

/** HiGHS says so of a solution that satisfies all rows. */
export const feasibleSolution = 2;

/** Channels on which a search tree tells what it does. */
export const treeChannel = { improving: 4, interrupt: 6 } as const;
