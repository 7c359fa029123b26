"""Whether a run fits on the disk, and what of its preparation does."""

from covidlab.data.catalog import Catalog
from covidlab.files import require_free_space
from covidlab.learning.backbones import find_backbone
from covidlab.learning.cache_space import SPARE_BYTES, Kept, count_missing, describe_kept, plan_kept
from covidlab.runs.store import Run


def plan_space(run: Run, catalog: Catalog, *, precision: str) -> Kept:
    """Return what a run keeps for later ones; where the disk is too small for that, run.json and the log say so ("note").

    Raises StorageError where the disk is too small for the run itself.
    """
    config = run.load_config()
    run_bytes = find_backbone(config.backbone).cut_point(config.fine_tune).checkpoint_bytes
    require_free_space(run.path, run_bytes + SPARE_BYTES)
    missing = count_missing(config, catalog.films["sha256"].tolist(), precision=precision)
    kept = plan_kept(missing, run_bytes=run_bytes)
    if note := describe_kept(kept, fine_tune=config.fine_tune):
        run.update_facts(note=note)
        run.log(note)
    return kept
