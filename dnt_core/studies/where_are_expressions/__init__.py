r"""Where are expressions? The classifier study of section 3.2: Table 1, its controls, footnote 1 put to the
test."""

from dnt_core.clips.labelled_frames import (
    TARGETS,
    LabelledFrames,
    check_folds,
    labelled_frames,
)
from dnt_core.metrics.classifier_fit import (
    FitConfig,
    FitResult,
    fit_classifier,
    predict,
    train_classifier,
)
from dnt_core.metrics.expression_classifier import (
    build_classifier,
    load_classifier,
    save_classifier,
)
from dnt_core.studies.where_are_expressions.cluster import check_cluster
from dnt_core.studies.where_are_expressions.controls import AVERAGED, with_averaged_textures
from dnt_core.studies.where_are_expressions.cross_validation import (
    CrossValidation,
    confusion,
    cross_validate,
    images_per_second,
)
from dnt_core.studies.where_are_expressions.input_cache import InputConfig, StudyInputs, make_inputs
from dnt_core.studies.where_are_expressions.learning_curve import (
    reached,
    shipped_curve,
)
from dnt_core.studies.where_are_expressions.resolution_sweep import with_noise, with_scans
from dnt_core.studies.where_are_expressions.saliency import occlusion_map
from dnt_core.studies.where_are_expressions.start_weights import with_start
from dnt_core.studies.where_are_expressions.study_config import SIZES, film_for, in_words, with_network
from dnt_core.studies.where_are_expressions.table import (
    ORDER,
    PAPER,
    WITH_TEXTURE,
    WITHOUT_TEXTURE,
    flat_metrics,
    group_gap,
    mean_cross_entropy,
    paper_ratio,
    table_of,
)
from dnt_core.studies.where_are_expressions.warm_start import imagenet_weights, make_warm_start

__all__ = [
    "AVERAGED",
    "ORDER",
    "PAPER",
    "SIZES",
    "TARGETS",
    "WITHOUT_TEXTURE",
    "WITH_TEXTURE",
    "CrossValidation",
    "FitConfig",
    "FitResult",
    "InputConfig",
    "LabelledFrames",
    "StudyInputs",
    "build_classifier",
    "check_cluster",
    "check_folds",
    "confusion",
    "cross_validate",
    "film_for",
    "fit_classifier",
    "flat_metrics",
    "group_gap",
    "imagenet_weights",
    "images_per_second",
    "in_words",
    "load_classifier",
    "make_inputs",
    "make_warm_start",
    "mean_cross_entropy",
    "occlusion_map",
    "paper_ratio",
    "predict",
    "reached",
    "save_classifier",
    "shipped_curve",
    "labelled_frames",
    "table_of",
    "train_classifier",
    "with_averaged_textures",
    "with_network",
    "with_noise",
    "with_scans",
    "with_start",
]
