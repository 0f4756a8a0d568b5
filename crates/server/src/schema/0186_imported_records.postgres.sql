-- By which import a record came in: what is kept of it there is erased with it.
CREATE INDEX import_rows_by_record ON import_rows (record);
