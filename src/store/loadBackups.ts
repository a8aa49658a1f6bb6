/** What writes and reads backups and other archives. Loaded when somebody asks for it: who serves has no use for it. */
export const loadBackups = () => import('./backup/index.ts');
