"""What is true on this side: no Tk, no sockets.

Models are owned by the main thread. Controllers change them; views and tests
observe them.
"""
