"""公文: building blocks of Word documents after GB/T 9704-2012."""
