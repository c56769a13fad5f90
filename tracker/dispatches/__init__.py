"""报送登记: what was sent to whom, under which number, with the day of its figures."""
