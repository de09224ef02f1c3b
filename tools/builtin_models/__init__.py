"""Recipe of the library's built-in models: small ELECTRA students distilled from larger BERT teachers."""
