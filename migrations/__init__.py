"""The schema's history. Revisions import nothing of the program: it changes, they do not."""
