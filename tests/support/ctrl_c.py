"""Presses Ctrl+C in another process's console, on Windows.

`python -m tests.support.ctrl_c PID`. A process of its own, because it has to
leave its own console for that one. The other needs a console that it shares
with nobody (CREATE_NO_WINDOW, say): everybody there hears it.
"""

import ctypes
import sys

CTRL_C_EVENT = 0


def main(process_id: int) -> int:
    """Returns 0 if it was pressed."""
    if sys.platform != "win32":
        return 1
    kernel = ctypes.windll.kernel32
    kernel.FreeConsole()
    attached = kernel.AttachConsole(process_id)
    kernel.SetConsoleCtrlHandler(None, 1)  # not for this process
    return 0 if attached and kernel.GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
