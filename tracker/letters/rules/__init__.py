"""What the product believes about letters, interviews, accountability and checks."""
