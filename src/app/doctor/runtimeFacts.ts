import type { RuntimeFacts } from './checkRuntime.ts';

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};

/** What this process runs on, as Node's own report says it. */
export const runtimeFacts = (): RuntimeFacts => {
  // It would look up the names of all connections.
  Reflect.set(process.report, 'excludeNetwork', true);
  const report = fieldsOf(process.report.getReport());
  const glibc = fieldsOf(report['header'])['glibcVersionRuntime'];
  const openFiles = fieldsOf(fieldsOf(report['userLimits'])['open_files'])['soft'];
  return {
    node: process.versions.node,
    platform: process.platform,
    architecture: process.arch,
    glibc: typeof glibc === 'string' ? glibc : null,
    openFilesMax: typeof openFiles === 'number' ? openFiles : null,
  };
};
