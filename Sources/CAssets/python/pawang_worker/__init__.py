"""The part of Pawang that runs inside a Python worker process."""

import atexit
import os
import sys
import threading
import time

from .calls import Calls
from .capture import install_capture
from .channel import Channel
from .tools import ToolLoader

EXIT_HOOK_SECONDS = 2
SIGKILL = 9


def serve(directory, root):
    """Answers requests until the other side closes the channel, then ends this process and what it started."""
    channel = Channel.take_over_standard_input()
    install_capture()
    calls = Calls(channel, ToolLoader(directory, root))
    channel.send('{"hello":1,"python":"%d.%d.%d"}' % sys.version_info[:3])
    for request in channel.requests():
        calls.accept(request)
    end_process()


def end_process():
    """Runs the exit hooks for a moment at most, then kills the process group, which nobody else looks after."""

    def give_up():
        time.sleep(EXIT_HOOK_SECONDS)
        kill_group()

    threading.Thread(target=give_up, daemon=True).start()
    atexit._run_exitfuncs()
    kill_group()


def kill_group():
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), SIGKILL)
    os._exit(0)
