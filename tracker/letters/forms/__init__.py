"""Forms of 督办与监督."""
