"""Makes the vectors beside this file: what code that nobody here wrote decides about masks and groups.

    python -m venv venv && venv/bin/pip install torch torchvision numpy
    venv/bin/python protocol/tests/oracles/make.py CHECKOUTS [NAME ...]

CHECKOUTS is a folder that holds a checkout of each repository by its name: PruneFL of jiangyuang (commit b499d3aa), MPFL of
TamirGez (b5473107), open_lth of facebookresearch (2ce732fe), Torch-Pruning of VainF (e80127d7). PyTorch was 2.15. Each vector
has a file here that imports the authors' functions and gives them what a test gives to Pleach. SNIP's authors wrote for
TensorFlow 1, which nothing runs any more: snip.py says their formula again in PyTorch. Numbers are short in binary, so that
sums in 32 bits are exact and a decision can only differ where the rule does.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

# Vector: the repository that it is from, or none where PyTorch alone is asked.
NAMES = {
    "prunefl": "PruneFL",
    "evidence": "PruneFL",
    "torch_prune": None,
    "sparse_global": "open_lth",
    "mpfl": "MPFL",
    "dependencies": "Torch-Pruning",
    "snip": None,
}


def line(value):
    return json.dumps(value, separators=(",", ":"))


def write(name, vector):
    """Writes a vector, a line for every case."""
    lists = [f'"{key}":[\n' + ",\n".join(map(line, cases)) + "]" for key, cases in vector.items()]
    path = Path(__file__).with_name(f"{name}.json")
    path.write_text("{" + ",\n".join(lists) + "}\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


def main():
    folder, *names = sys.argv[1:]
    if len(names) != 1:
        # Each in a process of its own, since the authors call their modules alike.
        for name in names or NAMES:
            subprocess.run([sys.executable, __file__, folder, name], check=True)
        return
    [name] = names
    if NAMES[name]:
        sys.path.insert(1, str(Path(folder) / NAMES[name]))
    write(name, import_module(name).make())


if __name__ == "__main__":
    main()
