"""One file an event type; each turns a Reading into events."""
