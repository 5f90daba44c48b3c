"""Answers from the archive: French and English words, an index of passages, verbatim quotes."""
