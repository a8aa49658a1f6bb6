/**
 * How texts begin that client programs put before their prompts for the vendor's books, and that differ from run to run: Claude Code 2.1 writes
 * `x-anthropic-billing-header: cc_version=2.1.332.bf1; ...` (`test/fixtures/clients/claude-code.json`, of November 2026).
 */
export const varyingLines: readonly string[] = ['x-anthropic-billing-header'];
