"""What a document says, and where it says it: aligned text, quantities, names, events."""
