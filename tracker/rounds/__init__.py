"""巡察轮次: terms, rounds, batches, teams, inspections, milestones, coverage targets."""
