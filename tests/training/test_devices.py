r"""Apple's GPUs have no float64: nothing that runs on the device asks for it. (None was at hand to try.)"""

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dnt_core import own_torch
from dnt_core.metrics import landmark_distance, lip_metrics, psnr
from dnt_core.metrics import sharpness as details
from dnt_core.networks.generator import Generator
from dnt_core.rendering.precision import exact_dtype
from dnt_core.training import generator_command, preprocessing
from dnt_core.training.generator_training import GeneratorTraining
from dnt_core.training.preprocessing import DataConfig, prepare_data
from dnt_core.training.train_config import TrainConfig
from tests.networks.generator_inputs import TINY
from tests.training.generator_clips import write_clips


class NoFloat64(TorchDispatchMode):
    """Stands in for a device without float64."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        found = func(*args, **(kwargs or {}))
        for value in found if isinstance(found, (tuple, list)) else [found]:
            assert not (isinstance(value, torch.Tensor) and value.dtype == torch.float64), func
        return found


def test_a_training_asks_for_no_float64(tmp_path, toy_model, monkeypatch):
    monkeypatch.setattr(preprocessing, "load_face_model", lambda source: toy_model)
    monkeypatch.setattr(psnr, "exact_dtype", lambda device: exact_dtype(torch.device("mps")))
    clips = write_clips(tmp_path / "clips", toy_model, numbers=(1,))
    data = prepare_data(clips.clips, tmp_path / "data", DataConfig(32, texture_size=24), progress=False)
    plan = TrainConfig(2, 2, loss="pixel_gradient", mouth_weight=10.0, max_gradient=0.2, warm_up=1)
    training = GeneratorTraining(Generator(replace(TINY, texture_size=24)), data, *data.split(), plan)
    batch = training.batch_of_step(0)  # read on the CPU
    monkeypatch.setattr(training, "batch_of_step", lambda step: batch)
    monkeypatch.setattr(training.data, "batch", lambda rows, device="cpu": batch)
    with NoFloat64():
        training.take_step()
        assert training.test_psnr() > 0


def test_metrics_ask_for_no_float64(monkeypatch):
    for module in (landmark_distance, lip_metrics, details):
        monkeypatch.setattr(module, "exact_dtype", lambda device: torch.float32)
    points, pictures = 16 * torch.rand(3, 68, 2), torch.rand(2, 3, 256, 256)
    curve, frames = torch.tensor([1.0, 2.0, 4.0]), torch.ones(3, dtype=torch.bool)
    with NoFloat64():
        assert landmark_distance.landmark_distance_px(points, 2 * points, 16) > 0
        assert float(lip_metrics.correlation(curve, curve)) == pytest.approx(1, abs=1e-6)
        assert lip_metrics.closures_kept(curve, curve, frames) == 1
        energies = details.DetailEnergies()
        energies.add(pictures, pictures, {"skin": torch.ones(2, 1, 256, 256)})
    assert energies.result()["sharpness_skin"] == 1


@pytest.mark.parametrize("cuda, mps, kind", [(1, 1, "cuda"), (0, 1, "mps"), (0, 0, "cpu")])
def test_the_device_is_the_one_that_doctor_reports(cuda, mps, kind, monkeypatch):
    from dnt_core import doctor

    monkeypatch.delenv("DNT_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: bool(cuda))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "a GPU")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: bool(mps))
    assert own_torch.one_device().type == kind
    (found,) = (finding for finding in doctor.examine() if finding.name == "device")
    assert found.detail.startswith(kind)


def test_another_device_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("DNT_DEVICE", "cpu")
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert own_torch.one_device() == torch.device("cpu")
    monkeypatch.setenv("DNT_DEVICE", "toaster")
    with pytest.raises(ValueError, match="DNT_DEVICE=toaster"):
        own_torch.one_device()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is one")
def test_a_device_that_is_not_there_is_said(monkeypatch):
    from dnt_core import doctor

    monkeypatch.setenv("DNT_DEVICE", "cuda")
    with pytest.raises(ValueError, match="DNT_DEVICE=cuda: there is no such device here"):
        own_torch.one_device()
    (found,) = (finding for finding in doctor.examine() if finding.name == "device")
    assert found.state == "missing" and "DNT_DEVICE=cuda" in found.detail


@pytest.mark.parametrize("named", ["toaster", "hpu", "mps:9"])
def test_a_device_of_another_build_of_torch_is_said(named, monkeypatch):
    with pytest.raises(ValueError, match="cannot be used here"):
        own_torch.usable_device(named)
    monkeypatch.setenv("DNT_DEVICE", named)
    with pytest.raises(ValueError, match=f"DNT_DEVICE={named}: there is no such device here"):
        own_torch.one_device()


def test_a_record_names_apples_gpu_without_asking_for_nvidias():
    assert generator_command._machine(torch.device("mps"), None).startswith("mps, ")
    assert "thread(s)" in generator_command._machine(torch.device("cpu"), None)
