r"""Wav2Lip, WM3DR and SyncNet: each layer and key as listed; the forward pass written out by hand."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from dnt_core.networks.syncnet import SyncNet
from dnt_core.networks.wav2lip import Wav2Lip
from dnt_core.networks.wm3dr_network import WM3DRNetwork, decode, network_input
from tests.networks.random_state_dict import key_table, layer_table, random_state_dict

NETWORKS = {"wav2lip": Wav2Lip, "wm3dr": WM3DRNetwork, "syncnet_v2": SyncNet}
NUMBERS = {"wav2lip": 36.3e6, "wm3dr": 40.3e6, "syncnet_v2": 13.6e6}
KEYS = {"wav2lip": 352, "wm3dr": 341, "syncnet_v2": 102}


@pytest.fixture(scope="module")
def loaded():
    r"""Callable name → the network with a random state dict, in evaluation mode; kept while the file runs."""
    made: dict[str, nn.Module] = {}

    def get(name: str):
        if name not in made:
            with torch.device("meta"):
                network = NETWORKS[name]()
            network.to_empty(device="cpu").load_state_dict(random_state_dict(name))
            made[name] = network.eval().requires_grad_(False)
        return made[name]

    return get


def numbers(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("name", NETWORKS)
def test_keys_shapes_types(name):
    with torch.device("meta"):
        state = NETWORKS[name]().state_dict()
    assert {key: (tuple(value.shape), value.dtype) for key, value in state.items()} == key_table(name)
    assert list(state) == list(key_table(name)) and len(state) == KEYS[name]
    counted = sum(v.numel() for v in state.values() if v.is_floating_point())
    assert counted == pytest.approx(NUMBERS[name], rel=0.005)


def run(name: str, network: nn.Module) -> None:
    if name == "wav2lip":
        network(numbers(2, 1, 80, 16), numbers(2, 6, 96, 96))
    elif name == "wm3dr":
        network(numbers(1, 3, 512, 512))
    else:
        network.embed_sound(numbers(2, 1, 13, 20))
        network.embed_lips(numbers(2, 3, 5, 224, 224))


def sizes(value: int | tuple[int, ...], like: str) -> str:
    r"""A module's size as the list writes it: "3x3", or "3" where a pool was given one number."""
    return "x".join(map(str, (value,) * (like.count("x") + 1) if isinstance(value, int) else value))


@pytest.mark.parametrize("name", NETWORKS)
def test_each_layer_as_listed(name, loaded):
    network = loaded(name)
    modules, seen, hooks = dict(network.named_modules()), {}, []
    for label, module in modules.items():
        if not label or label.startswith(("hm", "params")) and "." not in label:
            continue

        def keep(module, given, result, label=label):
            seen[label] = str(tuple(result.shape)) if isinstance(result, torch.Tensor) else None

        hooks.append(module.register_forward_hook(keep))
    run(name, network)
    for hook in hooks:
        hook.remove()
    for row in layer_table(name):
        label, kind = row["module"], row["type"]
        if label not in modules:
            assert kind == "ReLU" or label == "maxpool", label  # called as functions
            continue
        module = modules[label]
        if kind == "ReLU" or kind.startswith("("):
            continue  # one ReLU may serve three times, so that its row tells nothing more
        assert type(module).__name__ == kind, label
        assert seen[label] == row["output shape seen"], label
        if kind.startswith("Conv"):
            assert (str(module.in_channels), str(module.out_channels)) == (row["in"], row["out"]), label
        for field, column in (("kernel_size", "kernel"), ("stride", "stride"), ("padding", "padding")):
            if row[column]:
                assert sizes(getattr(module, field), row[column]) == row[column], (label, field)
        if row["output_padding"]:
            assert sizes(module.output_padding, row["output_padding"]) == row["output_padding"], label
    listed = [row["module"] for row in layer_table(name) if row["type"].startswith("(block adds")]
    assert [k for k, m in modules.items() if getattr(m, "adds_input", False)] == listed


def norm(x, state, key):
    mean, var = state[f"{key}.running_mean"], state[f"{key}.running_var"]
    return F.batch_norm(x, mean, var, state[f"{key}.weight"], state[f"{key}.bias"], False, 0.0, 1e-5)


def wav2lip_by_hand(state, mel, faces):
    r"""The list of layers, read row by row."""
    rows = layer_table("wav2lip")
    adds = {row["module"] for row in rows if row["type"].startswith("(block")}

    def block(row, x):
        label = row["module"].removesuffix(".conv_block.0")
        w, b = state[f"{row['module']}.weight"], state[f"{row['module']}.bias"]
        stride, padding = (tuple(map(int, row[k].split("x"))) for k in ("stride", "padding"))
        if row["type"] == "ConvTranspose2d":
            extra = tuple(map(int, row["output_padding"].split("x")))
            y = F.conv_transpose2d(x, w, b, stride, padding, extra)
        else:
            y = F.conv2d(x, w, b, stride, padding)
        if not row["module"].endswith("conv_block.0"):
            return y
        y = norm(y, state, f"{label}.conv_block.1")
        return F.relu(y + x if label in adds else y)

    def part(prefix, x):
        for row in rows:
            if row["module"].startswith(prefix) and row["type"].startswith("Conv"):
                x = block(row, x)
        return x

    kept = []
    for k in range(7):
        faces = part(f"face_encoder_blocks.{k}.", faces)
        kept.append(faces)
    x = part("audio_encoder.", mel)
    for k in range(7):
        x = torch.cat((part(f"face_decoder_blocks.{k}.", x), kept[6 - k]), 1)
    return torch.sigmoid(part("output_block.", x))


def test_wav2lip_by_hand(loaded):
    mel, faces = 8 * numbers(2, 1, 80, 16) - 4, numbers(2, 6, 96, 96, seed=1)
    result = loaded("wav2lip")(mel, faces)
    assert result.shape == (2, 3, 96, 96) and result.std() > 0.01
    torch.testing.assert_close(result, wav2lip_by_hand(random_state_dict("wav2lip"), mel, faces))
    other = loaded("wav2lip")(mel.flip(0), faces)
    assert (other - result).abs().max() > 1e-3  # the sound is heard


def test_wav2lip_with_time_is_every_moment_alone(loaded):
    network = loaded("wav2lip")
    mel, faces = 8 * numbers(2, 3, 1, 80, 16) - 4, numbers(2, 6, 3, 96, 96, seed=1)
    together = network(mel, faces)
    assert together.shape == (2, 3, 3, 96, 96)
    for b in range(2):
        for t in range(3):
            alone = network(mel[b : b + 1, t], faces[b : b + 1, :, t])
            torch.testing.assert_close(together[b, :, t], alone[0], atol=1e-5, rtol=1e-4)


def wm3dr_by_hand(s, x):
    r"""Written out from the list, without torchvision."""
    conv = lambda x, k, stride=1, pad=0: F.conv2d(x, s[f"{k}.weight"], s.get(f"{k}.bias"), stride, pad)  # noqa: E731
    x = F.max_pool2d(F.relu(norm(conv(x, "conv1", 2, 3), s, "bn1")), 3, 2, 1)
    stages = []
    for layer, count in enumerate((3, 4, 6, 3), start=1):
        for unit in range(count):
            k, stride = f"layer{layer}.{unit}", 2 if unit == 0 and layer > 1 else 1
            y = F.relu(norm(conv(x, f"{k}.conv1"), s, f"{k}.bn1"))
            y = F.relu(norm(conv(y, f"{k}.conv2", stride, 1), s, f"{k}.bn2"))
            y = norm(conv(y, f"{k}.conv3"), s, f"{k}.bn3")
            if unit == 0:
                x = norm(conv(x, f"{k}.downsample.0", stride), s, f"{k}.downsample.1")
            x = F.relu(y + x)
        stages.append(x)
    p3 = conv(stages[1], "p3", 1, 1)
    p4 = F.conv_transpose2d(stages[2], s["p4.weight"], s["p4.bias"], 2, 1)
    p5 = F.conv_transpose2d(stages[3], s["p5.weight"], s["p5.bias"], 4, 0)
    levels = []
    for name, p in (("p3_l2", p3), ("p4_l2", p4), ("p5_l2", p5)):
        length = (p**2).sum(1, keepdim=True) ** 0.5 + 1e-10
        levels.append(p / length * s[f"{name}.weight"].reshape(1, -1, 1, 1))
    x = F.relu(norm(conv(torch.cat(levels, 1), "feat", 1, 1), s, "feat_bn"))
    return tuple(conv(F.relu(conv(x, f"{h}.0", 1, 1)), f"{h}.2") for h in ("hm", "params"))


def test_wm3dr_by_hand(loaded):
    images = 4 * numbers(1, 3, 512, 512) - 2
    heat_map, values = loaded("wm3dr")(images)
    assert heat_map.shape == (1, 1, 64, 64) and values.shape == (1, 257, 64, 64)
    assert values.std() > 0.01 and (heat_map.min() < 0 or heat_map.max() > 1)  # no sigmoid inside
    expected = wm3dr_by_hand(random_state_dict("wm3dr"), images)
    torch.testing.assert_close(heat_map, expected[0], atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(values, expected[1], atol=1e-4, rtol=1e-4)


def syncnet_by_hand(s, mfcc, lips):
    def stream(x, name, convs, pools):
        for k, (stride, padding) in convs.items():
            weight = s[f"{name}.{k}.weight"]
            conv = F.conv2d if weight.ndim == 4 else F.conv3d
            x = F.relu(norm(conv(x, weight, s[f"{name}.{k}.bias"], stride, padding), s, f"{name}.{k + 1}"))
            if k in pools:
                x = (F.max_pool2d if weight.ndim == 4 else F.max_pool3d)(x, *pools[k])
        return x.flatten(1)

    def head(x, name):
        x = F.linear(x, s[f"{name}.0.weight"], s[f"{name}.0.bias"])
        return F.linear(F.relu(norm(x, s, f"{name}.1")), s[f"{name}.3.weight"], s[f"{name}.3.bias"])

    sound = stream(mfcc, "netcnnaud",
                   {0: (1, 1), 4: (1, 1), 8: (1, 1), 11: (1, 1), 14: (1, 1), 18: (1, 0)},
                   {4: (3, (1, 2)), 14: (3, 2)})  # fmt: skip
    same, half, three = (1, (0, 1, 1)), (1, 2, 2), (1, 3, 3)
    picture = stream(lips, "netcnnlip",
                     {0: (half, 0), 4: (half, (0, 1, 1)), 8: same, 11: same, 14: same, 18: (1, 0)},
                     {0: (three, half), 4: (three, half, (0, 1, 1)), 14: (three, half)})  # fmt: skip
    return head(sound, "netfcaud"), head(picture, "netfclip")


def test_syncnet_by_hand(loaded):
    mfcc, lips = 20 * numbers(2, 1, 13, 20) - 10, 255 * numbers(2, 3, 5, 224, 224)
    sound, picture = loaded("syncnet_v2").embed_sound(mfcc), loaded("syncnet_v2").embed_lips(lips)
    expected = syncnet_by_hand(random_state_dict("syncnet_v2"), mfcc, lips)
    for ours, theirs in zip((sound, picture), expected, strict=True):
        assert ours.shape == (2, 1024) and ours.std() > 0.01
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-4)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda g: g("wav2lip")(numbers(1, 1, 80, 16), numbers(1, 3, 96, 96)), r"\(B, 6, 96, 96\)"),
        (lambda g: g("wav2lip")(numbers(2, 1, 80, 16), numbers(1, 6, 96, 96)), "expected mel"),
        (lambda g: g("wav2lip")(numbers(1, 2, 1, 80, 16), numbers(1, 6, 3, 96, 96)), "expected mel"),
        (lambda g: g("wm3dr")(numbers(1, 3, 256, 256)), r"\(B, 3, 512, 512\), got \(1, 3, 256, 256\)"),
        (lambda g: g("syncnet_v2").embed_sound(numbers(1, 13, 20)), r"\(B, 1, 13, 20\)"),
        (lambda g: g("syncnet_v2").embed_lips(numbers(1, 3, 5, 96, 96)), r"\(B, 3, 5, 224, 224\)"),
    ],
)
def test_a_wrong_shape_is_one_sentence(call, said, loaded):
    with pytest.raises(ValueError, match=said):
        call(loaded)


def test_wm3dr_input_is_blue_green_red_and_padded_below_and_to_the_right():
    frames = torch.zeros(2, 300, 200, 3, dtype=torch.uint8)
    frames[..., 0] = 255  # red
    x = network_input(frames)
    assert x.shape == (2, 3, 512, 512)
    black = [-m / s for m, s in zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True)]
    torch.testing.assert_close(x[0, :, 0, 0], torch.tensor([black[0], black[1], (1 - 0.406) / 0.225]))
    torch.testing.assert_close(x[0, :, 511, 511], torch.tensor(black))
    assert x[0, 2, 500, 330] > 2 and x[0, 2, 500, 350] < 0  # 200 of 300 columns: up to 341
    wide = network_input(frames.transpose(1, 2))
    torch.testing.assert_close(wide, x.transpose(2, 3))
    same = torch.randint(0, 256, (1, 512, 512, 3), dtype=torch.uint8)
    torch.testing.assert_close(network_input(same)[0, 0, 7, 9], (same[0, 7, 9, 2] / 255 - 0.485) / 0.229)


def test_decode_takes_the_peaks():
    heat_map = torch.full((3, 1, 64, 64), -6.0)
    heat_map[0, 0, 10, 20], heat_map[0, 0, 11, 21] = 2.0, 1.0  # within 5 x 5: one face
    heat_map[0, 0, 40, 3] = 3.0
    heat_map[2, 0, 0, 63] = 0.1
    heat_map[1, 0, 5, 5] = -0.1  # below a half
    values = numbers(3, 257, 64, 64)
    found = decode(heat_map, values)
    assert found.image.tolist() == [0, 0, 2]
    assert found.cell.tolist() == [40 * 64 + 3, 10 * 64 + 20, 63]
    torch.testing.assert_close(found.score, torch.tensor([3.0, 2.0, 0.1]).sigmoid())
    torch.testing.assert_close(found.vector[1], values[0, :, 10, 20])
    assert len(decode(heat_map, values, threshold=0.9)) == 1
