"""Doctor's checks on infrastructure code: what reads, what fills the facts, what reports. It opens files only."""
