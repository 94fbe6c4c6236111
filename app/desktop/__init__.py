"""The desktop around the window: tray, notifications, sounds, start-up.

Everything here may hang, fail or be missing: a shell that restarts, a service that
does not answer, a library that is not there. So each part works on a thread of its
own, takes what it is told by a queue and tells what happens as frozen events
(app/desktop/events.py), which the pump brings to the main thread. Nothing here knows
Tk, and nothing outside waits for it.
"""
