-- What a replica tells the others of what it paces and spends, as the program knows it; null where it tells nothing.
ALTER TABLE archipel.replica ADD COLUMN told json;
