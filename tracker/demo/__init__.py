"""演示数据: nothing imports it but its command."""
