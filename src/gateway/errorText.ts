import { errorRow, type GatewayErrorCode } from './errors.ts';

/** What happened and how to mend it, as the table of errors has it. */
export const errorText = (code: GatewayErrorCode): string => {
  const { what, mend } = errorRow(code);
  return `${what} ${mend}`;
};
