"""县区报送: a city asks its counties for figures, each county answers, the city accepts or returns."""
