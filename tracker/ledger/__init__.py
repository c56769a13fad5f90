"""整改台账: reads the ledgers that offices keep in spreadsheets, and writes ours."""
