/** What commands of operators do. Loaded when one of them runs: who serves has no use for it. */
export const loadOperating = () => import('./operating/index.ts');
