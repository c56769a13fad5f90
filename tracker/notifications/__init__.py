"""消息发送: outbox, deliveries, channels; knows no business feature."""
