"""An example: an extension of JupyterLab in a package of its own, which extends Compute."""


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "compute-cost"}]
