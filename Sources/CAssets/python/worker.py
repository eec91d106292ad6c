"""A worker process of Pawang: `python worker.py FLOW_FOLDER`, with the protocol on standard input, a socket."""

import os
import sys


def main():
    root = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [root] + [entry for entry in sys.path if entry != root]
    from pawang_worker import serve

    # The flow's folder comes first, then our `promptflow`, so that neither is hidden by an installed package.
    directory = os.path.abspath(sys.argv[1])
    sys.path.insert(0, directory)
    if os.environ.get("PAWANG_REAL_PROMPTFLOW") == "1":
        sys.path.remove(root)
    os.chdir(directory)
    serve(directory, root)


if __name__ == "__main__":
    main()
