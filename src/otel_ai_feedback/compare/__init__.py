"""Is B better than A? Two releases, models, prompts or flag variants, and one verdict.

The statements count, by bucket of users; everything else is arithmetic on those counts.
"""
