"""A job's end of the contract with Archipel, for Python: copy it beside your program. docs/jobs.md says what each thing means."""
import json
import math
import os

RANK = int(os.environ.get("ARCHIPEL_RANK", "0"))  # which of the job's processes this is: 0, 1, 2
CHECKPOINT_FOLDER = os.environ.get("ARCHIPEL_CHECKPOINT")  # to write checkpoints into; None outside of Archipel
RESUME_FROM = os.environ.get("ARCHIPEL_RESUME_FROM")  # the whole checkpoint to go on from; None for a beginning
_said = {}


def write_whole(path: str, content: bytes, flush: bool = True) -> None:
    """Writes a file so that a reader finds the old one or the new one, and never a part. `flush`: even after the power was cut."""
    with open(path + ".unfinished", "wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(file.fileno())
    os.replace(path + ".unfinished", path)


def beat(*, metrics=None, **news) -> None:
    """Tells Archipel how it goes: beat(step=120, checkpoint="step-120.pt", port=8000, metrics={"loss": 2.31}).

    Each may be left out: what was said before then stays. Name a checkpoint once it is wholly written. From the first word on SIGUSR1 may
    ask for a checkpoint: listen for it before. Outside of Archipel nothing happens.
    """
    _said.update(news)
    if metrics is not None:
        _said["metrics"] = {name: float(value) for name, value in metrics.items() if math.isfinite(value)}
    path = os.environ.get("ARCHIPEL_HEARTBEAT_FILE")
    if path is not None:
        write_whole(path, json.dumps(_said).encode(), flush=False)
