"""督办与监督: letters, interviews, accountability, visits, assessments, spot checks."""
