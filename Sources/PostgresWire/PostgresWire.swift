enum PostgresWirePlaceholder {}
