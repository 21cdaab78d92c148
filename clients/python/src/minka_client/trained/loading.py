"""A model's folder, opened to be asked: its tokenizer and its weights, on the GPU where there is one."""

from pathlib import Path
from typing import Any

from minka_client.training.contents import read_json
from minka_client.training.offline import stay_offline
from minka_client.training.stopped import Stopped


def load(folder: Path) -> tuple[Any, Any]:
    """The tokenizer and the model; of an adapter, on the model it was trained on.

    Raises:
        Stopped: the folder holds no model that converses.
    """
    if not any((folder / name).is_file() for name in ("config.json", "adapter_config.json")):
        raise Stopped(f"{folder} is not the folder of a model: it has no config.json")
    if _judges(folder):
        raise Stopped(f"the model in {folder} does not answer: it judges answers")
    stay_offline()
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    gpu = torch.cuda.is_available()
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
        model, told = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype="auto" if gpu else torch.float32, output_loading_info=True,
            **({"device_map": "auto"} if gpu else {}),
        )  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise Stopped(f"the model in {folder} cannot be loaded: {error}") from None
    if told["missing_keys"]:
        raise Stopped(f"the model in {folder} is not whole: it has no {min(told['missing_keys'])}")
    if not tokenizer.chat_template:
        raise Stopped(f"the model in {folder} has no chat template, and what it is asked are conversations")
    return tokenizer, model.eval()


def _judges(folder: Path) -> bool:
    """Whether it gives a number (`reward.py`). Asked for words, the library would make up what it lacks."""
    facts = {name: folder / f"{name}.json" for name in ("config", "adapter_config")}
    told = {name: read_json(path) if path.is_file() else {} for name, path in facts.items()}
    kinds = [*(told["config"].get("architectures") or []), told["adapter_config"].get("task_type") or ""]
    return any(kind.endswith("ForSequenceClassification") or kind == "SEQ_CLS" for kind in kinds)


def context_of(model: Any) -> int:
    """Tokens, prompt and answer together."""
    return int(getattr(model.config.get_text_config(), "max_position_embeddings", None) or 2**31)


def quiet() -> None:
    """No bars of the libraries beside our own, or where nobody looks."""
    stay_offline()
    import transformers

    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
