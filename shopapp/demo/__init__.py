"""A shop to try things with: a catalogue, simulated shoppers, and faults to find."""
