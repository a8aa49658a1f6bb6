/** Columns of an attempt, in the order in which both ways into the ledger fill them. */
export const attemptColumns = `
    organisation_id, month, attempt_id, revision, request_id, attempt, team, key_name, model, provider, target_model, vendor, hosts,
    jurisdiction, lab, region, wire, operation, stream, contract, started_at_ms, first_content_ms, duration_ms, outcome_kind, outcome,
    basis, usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h, usage_input_audio, usage_input_image,
    usage_output, usage_reasoning, usage_output_audio, usage_output_image, usage_requests,
    usage_accelerator_seconds, lines, amount_nano_usd, list_nano_usd, range_low_nano_usd, range_high_nano_usd, edits,
    served_tier, budgets, journal_id`;

/** The columns of its use, in that order, out of a JSON object "usage". */
export const usageValues = `
    coalesce((usage->>'input')::bigint, 0), coalesce((usage->>'cacheRead')::bigint, 0),
    coalesce((usage->>'cacheWrite5m')::bigint, 0), coalesce((usage->>'cacheWrite1h')::bigint, 0),
    coalesce((usage->>'inputAudio')::bigint, 0), coalesce((usage->>'inputImage')::bigint, 0),
    coalesce((usage->>'output')::bigint, 0), coalesce((usage->>'reasoning')::bigint, 0),
    coalesce((usage->>'outputAudio')::bigint, 0), coalesce((usage->>'outputImage')::bigint, 0),
    coalesce((usage->>'requests')::bigint, 0), coalesce((usage->>'acceleratorSeconds')::bigint, 0)`;
