import { exitCodes } from './Command.ts';

/** Aborts at the first SIGINT or SIGTERM; a second one ends the process at once. */
export const interruption = (): { readonly signal: AbortSignal; readonly forget: () => void } => {
  const controller = new AbortController();
  const tell = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.failed);
    controller.abort();
  };
  process.on('SIGINT', tell);
  process.on('SIGTERM', tell);
  return {
    signal: controller.signal,
    forget: () => {
      process.off('SIGINT', tell);
      process.off('SIGTERM', tell);
    },
  };
};
