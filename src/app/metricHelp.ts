/** What each metric says, for the HELP lines of Prometheus. */
export const metricHelp: Readonly<Record<string, string>> = {
  archipel_requests_total: 'Requests of clients by logical model and status.',
  archipel_request_duration_ms: 'From the arrival of a request to the end of its answer.',
  archipel_requests_in_flight: 'Requests being served now.',
  archipel_attempts_total: 'Calls to targets by provider, logical model and outcome.',
  archipel_refusals_total: 'Answers of our own instead of a vendor, by error code.',
  archipel_forced_choices_total: 'Choices over a cap or of a benched target because nobody else was left.',
  archipel_health_events_total:
    'Targets, credentials and quota domains benched, recovered, or in need of the operator.',
  archipel_ledger_ship_ms: 'Time to bring one batch from the spool into the database.',
  archipel_ledger_ship_failures_total: 'Batches that did not reach the database at the first try.',
  archipel_spool_backlog_records: 'Records that are not in the database yet.',
  archipel_spool_bytes: 'Size of the spool on disk.',
};
