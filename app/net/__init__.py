"""The network service: one thread, and the pure state machine that it drives.
No Tk."""
