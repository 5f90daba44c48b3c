"""What people see: one file per subject."""
