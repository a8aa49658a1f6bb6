-- The accelerator-seconds of jobs stand in the ledger beside the tokens of requests: a piece of a job's capacity is an attempt whose request is the job.
-- Rows of before have none, and a program that does not know the column yet writes none.
ALTER TABLE archipel.attempt ADD COLUMN usage_accelerator_seconds bigint NOT NULL DEFAULT 0;
