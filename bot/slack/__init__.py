"""Everything Slack-shaped, and nothing else."""
