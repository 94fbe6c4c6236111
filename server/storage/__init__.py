"""Access to the stored room: the threads that use it, and the implementation."""
