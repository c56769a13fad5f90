"""提醒: rules as data, what is due to whom today."""
