#!/bin/sh
# Makes the two databases of Temporal and brings them to the schema of this version. Does nothing where that is done.
set -eu

for name in temporal temporal_visibility; do
  temporal-sql-tool --db "$name" create
  temporal-sql-tool --db "$name" setup-schema --version 0.0
done
schema=/etc/temporal/schema/postgresql/v12
temporal-sql-tool --db temporal update-schema --schema-dir "$schema/temporal/versioned"
temporal-sql-tool --db temporal_visibility update-schema --schema-dir "$schema/visibility/versioned"
