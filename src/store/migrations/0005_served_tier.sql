-- The service tier in which the vendor says that an attempt was served; null where it does not say, and in rows of before. What was written without it keeps
-- its lines and its price.
ALTER TABLE archipel.attempt ADD COLUMN served_tier text;
