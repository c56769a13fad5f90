"""整改台账: import and export."""
