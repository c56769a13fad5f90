"""组织机构: regions and units."""
