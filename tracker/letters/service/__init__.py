"""What offices do under 督办与监督."""
