// What the program says of itself: logs that cannot be forged, and metrics for Prometheus. Fills the kernel's ports.
export { createLog, type LogLevel, type LogOptions } from './createLog.ts';
export { createMetrics, type MetricsOptions, type MetricsRegistry } from './createMetrics.ts';
export { createTerminalLog, type TerminalLogOptions } from './createTerminalLog.ts';
export { maskSecrets } from './maskSecrets.ts';
export { measureProcess } from './measureProcess.ts';
