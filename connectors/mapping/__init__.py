"""From headings and values as people keep them to the canonical tables: proposals, mapping files, and what they make."""
