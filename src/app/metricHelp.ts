/** What each metric says, for the HELP lines of Prometheus. */
export const metricHelp: Readonly<Record<string, string>> = {
  archipel_requests_total: 'Requests of clients by logical model and status.',
  archipel_request_duration_ms: 'From the arrival of a request to the end of its answer.',
  archipel_requests_in_flight: 'Requests being served now.',
  archipel_attempts_total: 'Calls to targets by provider, logical model and outcome.',
  archipel_input_tokens_total: 'Tokens that went in, as vendors reported them, by provider and logical model.',
  archipel_cache_read_tokens_total:
    'Those of them that were read from a prompt cache: over the tokens that went in it is the share of hits.',
  archipel_cache_moves_total:
    'Turns that were answered elsewhere than where a prompt cache held their conversation, by the target that was left.',
  archipel_cache_move_usd_total: 'What those caches would have saved. US dollars, expected.',
  archipel_first_content_ms: 'From the call to the first content of streams, by provider and logical model.',
  archipel_refusals_total: 'Answers of our own instead of a vendor, by error code.',
  archipel_rate_refusals_total:
    'Requests that a limit of the file kept out, or away from a provider, by whose limit and what it counts.',
  archipel_connections_refused_total:
    'Connections of clients closed as they came, because there were as many as may be.',
  archipel_shed_total: 'Requests that were turned away before they were read, by what there was too much of.',
  archipel_event_loop_turn_ms: 'Mean processor time of a turn of the event loop: how much work waits.',
  archipel_admission_limit_rps: 'Requests a second that are let in while there are too many; 0: all.',
  archipel_memory_share: 'Memory that is used, of what may be: from 0.85 on requests are turned away.',
  archipel_translations_total: 'Large bodies that were translated in a thread of their own, by kind and outcome.',
  archipel_kept_responses: 'Responses that are kept on disk for clients that go on from them.',
  archipel_kept_responses_bytes: 'Size of the responses that are kept on disk.',
  archipel_kept_responses_unwritten_total: 'Responses that could not be written and are kept in memory only.',
  archipel_capped_streams_total: 'Streams that were ended because a budget had no room for more of them.',
  archipel_seams_total:
    'Answers that broke off after their first content and were to be gone on with by another target, by what came of it.',
  archipel_exceeded_budgets_total: 'Budgets, soft or hard, of which more was spent than they have, once a window.',
  archipel_forced_choices_total: 'Choices over a cap, or of a benched target, because nobody else was left.',
  archipel_health_events_total:
    'Targets, credentials and quota domains benched, recovered, or in need of the operator.',
  archipel_drill_under_way:
    '1 while a live drill makes a part of the supply fail for some requests; what fails then is no outage.',
  archipel_drill_requests_total: 'Requests that met a live drill, by whether they were served.',
  archipel_drill_faults_total: 'Attempts that failed by a live drill alone.',
  archipel_dependency_share: 'Share of the running window spend that a vendor, host, jurisdiction or lab has, 0 to 1.',
  archipel_dependency_caps_crossed: 'Caps on dependence that more is spent on than they allow.',
  archipel_clock_jumps_total: 'Jumps of the wall clock by a second or more, by direction.',
  archipel_budget_leases: 'Hard budgets of which this gateway was given a part, with others on the same database.',
  archipel_budget_leased_usd:
    'What it was given of them in all: spent and not in the database yet, held, or free. US dollars.',
  archipel_budget_leased_free_usd: 'What is free of it: what it can spend while the database is away. US dollars.',
  archipel_budget_lease_turn_ms: 'Time of one turn in which these parts are given anew.',
  archipel_budget_asks_total:
    'Requests that found too little free and asked for more, by whether the database answered.',
  archipel_budget_ask_ms: 'How long they waited for it.',
  archipel_ledger_ship_ms: 'Time to bring one batch from the spool into the database.',
  archipel_ledger_ship_failures_total: 'Batches that did not reach the database at the first try.',
  archipel_ledger_rewinds_total:
    'Times that the database lacked records that it had, and was sent all again that the spool still held.',
  archipel_ledger_gaps_total: 'Times that records were missing from the ledger which the spool no longer held.',
  archipel_spool_backlog_records: 'Records that are not in the database yet.',
  archipel_spool_bytes: 'Size of the spool on disk.',
  process_resident_memory_bytes: 'Memory of the process in RAM.',
  nodejs_heap_size_used_bytes: 'Memory that objects of the program take.',
  process_open_fds: 'Open files, connections among them.',
  process_cpu_seconds_total: 'Processor time of the process, user and system.',
  nodejs_active_resources: 'What keeps the event loop alive, by kind: connections, timers, files.',
};
