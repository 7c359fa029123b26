"""The page Audit: one module a section."""
