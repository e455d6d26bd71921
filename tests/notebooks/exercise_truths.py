r"""What every exercise must give: exercise → (what the package or arithmetic computes, inputs)."""

import itertools

import numpy as np
import torch
from scipy.interpolate import interp1d
from scipy.stats import norm, ttest_ind
from sklearn.linear_model import Ridge

from dnt_core.audio.mel import first_column
from dnt_core.ciec import CIEC_TYPES, encode
from dnt_core.face3d import FaceParameters, PerspectiveCamera
from dnt_core.metrics.intervals import clip_interval, mean_interval
from dnt_core.metrics.landmark_distance import landmark_distance_px
from dnt_core.metrics.sync_confidence import sync_confidence
from dnt_core.networks.dynamic_texture import DynamicTexture
from dnt_core.rendering.uv_map import sample_texture
from dnt_core.studies.perceptual_study.score import rmse
from dnt_core.studies.perceptual_study.shrinkage import thurstone_order_matrix
from dnt_core.training.decoupling_losses import adversarial_loss, discriminator_loss
from dnt_core.training.perceptual_loss import make_loss
from dnt_core.workbook.judges import a_control, leaving_the_picture


def drawn(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0)).double()


def adversarial_pull(logit, saturating):
    x = logit.clone().requires_grad_(True)
    return torch.autograd.grad(adversarial_loss(x, saturating) * len(x), x)[0]


def half_square(faces):
    return faces.square().sum(1) / 2


def sampled(sheet, u, v):
    return sample_texture(sheet[None], torch.tensor([u, v]).view(1, 2, 1, 1).to(sheet))[0, :, 0, 0]


def ridge_of_frames(jacobians, residuals, sigma):
    fitted = Ridge(alpha=sigma**2, fit_intercept=False)
    return fitted.fit(jacobians.flatten(0, 1), residuals.flatten()).coef_


def nearest_mean(x, types):
    means = torch.stack([x[types == k].mean(0) for k in range(3)])
    return lambda faces: torch.cdist(faces, means).argmin(1)


def drawn_again(leads, draws):
    r"""Leads (S, N) with clips (draws, N) and trainings (draws, S), in the order of the package's draws."""
    rng = np.random.default_rng(0)
    seeds, clips = leads.shape
    return leads, rng.integers(0, clips, (draws, clips)), rng.integers(0, seeds, (draws, seeds))


def drawn_faces(seed):
    r"""(60, 4) in three groups that overlap, and whose they are."""
    types = torch.arange(60) % 3
    noise = torch.randn(60, 4, generator=torch.Generator().manual_seed(seed)).double()
    return noise + 1.2 * torch.eye(3, 4).double()[types], types


def shifted(x):
    r"""Faces that moved to where the next type was, and a little further."""
    return x[:, [2, 0, 1, 3]] + torch.tensor([0.4, 0.0, -0.3, 1.0]).double()


def reading(fit, f, train, test):
    classifier = fit(f(train[0]), train[1])
    return np.mean([int(classifier(f(x[None]))) == int(k) for x, k in zip(*test, strict=True)])


def in_the_picture(x, y, z, size):
    return PerspectiveCamera(size).project(torch.tensor([[x, y, z]]).double())[0, :2]


def margin(one, other):
    low, high = mean_interval(other - one)
    return (high - low) / 2


def weighed(picture):
    rows, columns = np.indices(picture.shape[1:])
    return float((picture**2 * (1 + rows + 10 * columns)).sum())


def welch_of_scipy(before, after):
    low, high = ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    return np.array([(low + high) / 2, (high - low) / 2])


BYTES = np.arange(2 * 3 * 4 * 4).reshape(2, 3, 4, 4).astype(np.uint8)
#: Exercise → what counts of its answer, where not the result alone does.
JUDGED = {"cost_of_covering": leaving_the_picture, "own_control": a_control}


def _of_rank(clip, n, cost):
    r"""Fold k tests the clips whose place among the sorted ones leaves the rest k."""
    places = {c: place % n for place, c in enumerate(sorted(set(clip.tolist())))}
    fold = np.array([places[c] for c in clip.tolist()])
    return np.array([cost(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(n)])


def both_sides(train, test):
    return float(np.sum(np.arange(12)[train]) + 100 * np.sum(np.arange(12)[test]))


def adam_by_hand(model, loss_of, steps, rate):
    r"""The losses of Adam, as Kingma and Ba write it."""
    losses, weights = [], list(model.parameters())
    first, second = ([torch.zeros_like(w) for w in weights] for _ in "ab")
    for step in range(1, steps + 1):
        loss = loss_of(model, step - 1)
        gradients = torch.autograd.grad(loss, weights)
        with torch.no_grad():
            for w, g, m, v in zip(weights, gradients, first, second, strict=True):
                m.mul_(0.9).add_(0.1 * g)
                v.mul_(0.999).add_(0.001 * g * g)
                w -= rate * (m / (1 - 0.9**step)) / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
        losses.append(loss.item())
    return losses


def off_four(model, step):
    return (model(torch.eye(7)[:4]) - FOUR * (1 + step)).square().mean()


def a_pixel_at_a_time(textures, uv_map, mask, background):
    made, (width, height) = background.clone(), background.shape[:-3:-1]
    for b, y, x in itertools.product(range(len(textures)), range(height), range(width)):
        *color, z = sampled(textures[b], *uv_map[b, :, y, x].tolist())
        alpha = mask[b, 0, y, x] / (1 + torch.exp(-z))
        made[b, :, y, x] += alpha * (torch.stack(color) - background[b, :, y, x])
    return made


FOUR = drawn(4, 3, 6, 6).float()
LOUD = np.random.default_rng(0).normal(-30, 10, 80)
LENGTHS = np.repeat(np.arange(5), (1, 2, 3, 5, 9))
GROUP = np.array([0.1, 0.4, 0.6, 0.9])
# name: what the package (or arithmetic) computes, inputs
KNOWN = {
    "ciec_of": (
        lambda types, expression, intensity: encode(expression, intensity),
        [(CIEC_TYPES, "happy", 0.67), (CIEC_TYPES, "sad", 1.0), (CIEC_TYPES, "neutral", 0.0)],
    ),
    "pixel_of": (  # F = 120 + 20 − 15 = 125; three quarters of 200 and one of 125
        lambda texels, weights, mask, background: {0.25: 181.25, 1.0: 125.0, 0.0: 200.0}[mask],
        [
            (torch.tensor([120.0, 40.0, -60.0]), torch.tensor([1.0, 0.5, 0.25]), mask, 200.0)
            for mask in (0.25, 1.0, 0.0)
        ],
    ),
    "storage_to_paper": (
        lambda vector: FaceParameters.from_vector(vector, "storage").to_vector("paper"),
        [(torch.arange(257.0),)],
    ),
    "light_of": (  # the light that lit the skin
        lambda colors, skin, nine: drawn(3, 9),
        [((drawn(50, 9) @ drawn(3, 9).T) * drawn(50, 3).abs(), drawn(50, 3).abs(), drawn(50, 9))],
    ),
    "perspective_weights": (  # 12 × flat / depths, over its sum
        lambda flat, depths: torch.tensor([0.3, 0.4, 0.5454545]) / (0.3 + 0.4 + 0.5454545),
        [(torch.tensor([0.2, 0.3, 0.5]), torch.tensor([8.0, 9.0, 11.0]))],
    ),
    "look_up": (sampled, [(drawn(3, 8, 8), u, v) for u, v in ((0.5, 0.5), (0.3, 0.8), (0.71, 0.22))]),
    "merged": (  # seen by both, by the first, by the second, by none
        lambda textures, seen: torch.tensor([[2.0, 1.0], [3.0, 0.0]]).expand(3, 2, 2),
        [
            (
                torch.tensor([1.0, 3.0])[:, None, None, None].expand(2, 3, 2, 2),
                torch.tensor([[[True, True], [False, False]], [[True, False], [True, False]]]),
            )
        ],
    ),
    "shared_identity": (
        lambda j, r, sigma: (
            Ridge(alpha=sigma**2, fit_intercept=False).fit(j.flatten(0, 1), r.flatten()).coef_
        ),
        [(drawn(5, 6, 3), drawn(5, 6), sigma) for sigma in (2.0, 0.5)],
    ),
    "projected": (in_the_picture, [(0.3, -0.2, 0.5, 224), (0.1, 0.4, -0.3, 128)]),
    "entropy_of_guessing": (
        lambda counts: torch.distributions.Categorical(counts).entropy(),
        [(torch.full((8,), 5.0),), (torch.tensor([3.0, 1.0, 4.0]),), (torch.tensor([2.0, 0.0]),)],
    ),
    "leaked": (
        lambda train, test, clip: {3: [True, False, True], 2: [False, True], 4: [False] * 4}[len(test)],
        [
            (np.array([0, 1]), np.array([2, 3, 4, 5]), np.array([8, 8, 3, 3, 5, 5])),  # folds by clip
            (np.array([0, 2, 5]), np.array([1, 3, 4]), np.array([7, 7, 4, 1, 4, 9])),
            (np.array([3, 1]), np.array([0, 2]), np.array([5, 2, 8, 8])),
        ],
    ),
    "costs_by_clip": (
        _of_rank,
        [
            (np.array([4, 4, 9, 2, 2, 2, 7, 9, 4, 7, 5, 5]), 2, both_sides),
            (np.array([0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 5]), 3, both_sides),
        ],
    ),
    "margin_of_groups": (margin, [(GROUP, GROUP**2 + 0.7), (LOUD[:10], LOUD[1:11])]),
    "change_of_lead": (
        welch_of_scipy,
        [
            (np.array([0.0, 3.0, 0.0]), np.array([2.0, 4.0, 3.5])),
            (np.array([0.0, 3.0, 0.0]), np.array([1.0, 3.0, 1.0, 3.0])),
        ],
    ),
    "cost_of_covering": (  # 1 becomes 3 at four pixels, 8 more; a pixel weighs 1 + row + 10 · column
        lambda nats, picture, mean, top, *rest: {0: 8 * (21 + 31 + 22 + 32), 3: 8 * (14 + 24 + 15 + 25)}[top],
        [(weighed, np.ones((1, 6, 6)), np.full((1, 6, 6), 3.0), *at, 2) for at in ((0, 2), (3, 1))],
    ),
    "own_control": (lambda pictures: pictures[..., ::-1], [(BYTES,), (BYTES[:1],)]),  # mirrored
    "fresh_reading": (reading, [(nearest_mean, shifted, drawn_faces(0), drawn_faces(1))]),
    "pull_of": (adversarial_pull, [(torch.linspace(-3, 3, 7), True), (torch.linspace(-3, 3, 7), False)]),
    "loss_of_D": (  # the logit is half the squared length, so its slope is the face itself
        lambda ask, real, made, r1: (
            discriminator_loss(ask(real), ask(made)) + r1 * real.square().sum(1).mean()
        ),
        [(half_square, drawn(6, 64) / 8 + 0.1, drawn(5, 64) / 4, r1) for r1 in (0.05, 2.0)],
    ),
    "free_and_reach": (  # the first 60 of the 64 numbers move one coordinate each, by 0.2 m
        lambda change, basis: torch.stack(
            [
                change[60:].square().sum() / change.square().sum(),
                200 * change[:60].view(20, 3).square().sum(1).sqrt().mean() / change.square().sum().sqrt(),
            ]
        ),
        [(drawn(64), 2 * torch.eye(60, 64).view(20, 3, 64))],
    ),
    "mix_textures": (
        lambda textures, x: interp1d([0, 0.33, 0.67, 1], textures.numpy(), axis=0)(x),
        [(drawn(4, 3, 2, 2), x) for x in (0.0, 0.2, 0.33, 0.5, 0.67, 0.9, 1.0)],
    ),
    "texture_of": (
        lambda texture, ciecs: texture(ciecs).detach(),
        [(DynamicTexture(5, 4, 3, hidden=(8, 6), seed=2), 3 * torch.eye(7)[:4])],
    ),
    "painted": (
        a_pixel_at_a_time,
        [
            (
                2 * drawn(2, 4, 6, 6),
                drawn(2, 2, 3, 4).sigmoid(),
                drawn(2, 1, 3, 4).sign().clamp(min=0),
                drawn(2, 3, 3, 4),
            )
        ],
    ),
    "pixel_loss": (
        make_loss("pixel_gradient")[1],
        [(drawn(2, 3, 5, 6), drawn(3, 2, 5, 6).view(2, 3, 5, 6) ** 2)],
    ),
    "fit": (
        adam_by_hand,
        [(DynamicTexture(6, 3, 2, hidden=(4,), seed=s), off_four, 4, 0.02) for s in (0, 1)],
    ),
    "clip_bootstrap": (  # a clip that is drawn twice counts twice
        lambda values, clips, draws: np.quantile(
            [np.average(values, weights=np.bincount(d, minlength=5)[clips]) for d in draws], (0.025, 0.975)
        ),
        [(LOUD[:20], LENGTHS, np.random.default_rng(seed).integers(0, 5, (300, 5))) for seed in (0, 1)],
    ),
    "lips_follow": (  # one smile at all moments moves 14 and 18 alike, so it changes nothing
        lambda film, other: np.corrcoef(*(np.hypot(*(l[:, 14] - l[:, 18]).T) for l in (film, other)))[0, 1],
        [(drawn(9, 20, 2).numpy(), 5 + drawn(9, 20, 2).numpy() + drawn(3, 9, 20, 2).numpy()[2])],
    ),
    "places_of": (
        lambda order: np.argsort(order) + 1,
        [(list(order),) for order in itertools.permutations(range(4))],
    ),
    "swap_probability": (
        lambda distance, noise: thurstone_order_matrix([0.0, distance], noise)[0, 1],
        [(0.1, 0.1), (0.3, 0.1), (0.05, 0.4)],
    ),
    "chance_rmse": (
        lambda groups: rmse(groups, [np.full(len(v), np.mean(v)) for v in groups]),
        [([GROUP],), ([GROUP, GROUP / 2],), ([GROUP, np.array([0.8, 0.9, 1.0])],)],
    ),
    "score_interval": (
        lambda scores, draws: np.stack(
            [clip_interval(of_clip, resamples=len(draws))[1:] for of_clip in scores.T], axis=1
        ),
        [(LOUD[: n * 2].reshape(n, 2), np.random.default_rng(0).integers(0, n, (500, n))) for n in (16, 9)],
    ),
    "second_share": (
        lambda p_first, p_second: 1 / (1 + norm.isf(p_first) / norm.isf(p_second)),
        [(0.1, 0.3), (norm.sf(1.0), norm.sf(2.0))],
    ),
    "crowd_strength": (  # 120 of 4 · 100, and 90 of 4 · 100
        lambda named, strengths, intended: {30: 0.3, 90: 0.225}[strengths[0]],
        [
            (["sad", "sad", "sad", "sad"], [30, 40, 30, 20], "sad"),
            (["sad", "angry", "angry", "fear"], [90, 80, 70, 60], "sad"),
        ],
    ),
    "mouth_distance": (
        lambda film, drawn: landmark_distance_px(film, drawn, 256),
        [(drawn(5, 20, 2) + 7, drawn(6, 20, 2)[1:])],
    ),
    "shift_distances": (
        lambda lips, sound: sync_confidence(lips, sound).distances,
        [(drawn(40, 3), drawn(41, 3)[1:]), (drawn(33, 2), drawn(33, 2).roll(4, 0))],
    ),
    "interval_of": (
        lambda differences, draws: clip_interval(differences, resamples=len(draws))[1:],
        [(LOUD[:n], np.random.default_rng(0).integers(0, n, (500, n))) for n in (22, 9)],
    ),
    "interval_of_trainings": (
        lambda leads, clips, trainings: clip_interval(leads, resamples=len(clips))[1:],
        [drawn_again(np.outer([1.0, 1.5, -0.4], LOUD[:n]) + LOUD[n : 2 * n], 500) for n in (9, 6)],
    ),
    "worse_video": (  # any video that misleads a metric is right; this is the solution's
        lambda film, ours: film + (1 - 2 * film) * torch.tensor([1.0, 1.0, 0.0, 0.0])[:, None],
        [(drawn(2, 3, 4, 4).abs(), drawn(2, 3, 4, 4).square())],
    ),
    "verdict_of": (
        lambda leads: sorted(np.sign(low + high) * (low * high > 0) for low, high in leads)[0],
        [
            ([(0.1, 0.4)],),
            ([(-0.4, -0.1)],),
            ([(-0.1, 0.2)],),
            ([(0.1, 0.4), (-0.1, 0.2)],),
            ([(0.1, 0.4), (-0.4, -0.1)],),
            ([(-0.1, 0.3), (0.2, 0.3)],),
            ([(-0.4, -0.1), (-0.3, -0.2)],),
            ([(-0.1, 0.2), (-0.4, -0.1)],),
            ([(0.0, 0.4)],),
            ([(-0.4, 0.0)],),
        ],
    ),
    "window_start": (first_column, [(0, 25), (3, 25), (14, 25), (101, 25), (100, 30), (250, 29.97)]),
    "dilated": (
        lambda x, weights, step: torch.nn.functional.conv1d(
            x[None, None], weights[None, None], dilation=step
        )[0, 0],
        [(drawn(20), drawn(3), step) for step in (1, 4, 8)],
    ),
    "precision_of": (  # three of four frames that meet are near a true meeting; two of three
        lambda opening, truth: {8: 0.75, 6: 2 / 3}[len(opening)],
        [
            (np.array([0.0, 5, 5, 0, 0, 5, 5, 0]), np.array([5.0, 0, 0, 0, 5, 5, 5, 5])),
            (np.array([0.9, 5, 5, 1, 5, 0.0]), np.array([9.0, 9, 0, 9, 2, 1])),
        ],
    ),
    "closing_step": (  # open, undecided, closed
        lambda close, jaw, upper, sharpness: ([0, 0.15, 0.3], [0.5, 0.25, 0]),
        [(np.array([0.1, 0.5, 0.9]), np.full(3, 0.3), np.full(3, 0.5), 1.5)],
    ),
    "drift_of": (
        lambda hop, seconds: 0.05 * seconds if hop == 210 else -0.2 * seconds,
        [(210, 2.0), (160, 1.5)],
    ),
    "closings_of": (  # from the start, for one frame, and to the end; once for three frames
        lambda opening: {6: 3, 7: 1}[len(opening)],
        [(np.array([0.0, 5, 1, 5, 0, 0]),), (np.array([4.0, 2, 1, 0.5, -1, 3, 3]),)],
    ),
    "rate_and_lag": (  # 20 steps of 25 ms; the 20th of 21 lags is the 95th percentile
        lambda set_ms, shown_ms: (40.0, float(shown_ms[0]) + 38.0),
        [(25.0 * np.arange(21) - 2 * np.arange(21), 25.0 * np.arange(21) + 60)],
    ),
    "shown_at": (  # drawn on paper: one request, messages longer than drawing, and drawing longer
        lambda way, draw, under_way, pictures: {
            (10, 1): [25, 50, 75, 100],
            (10, 2): [25, 30, 50, 55],
            (5, 2): [30, 50, 70, 90],
        }[way, under_way],
        [(10, 5, 1, 4), (10, 5, 2, 4), (5, 20, 2, 4)],
    ),  # fmt: skip
    "newest_wins": (  # 0, 2, 5, 7 and 9 are drawn
        lambda hand, render: [(0, 2.5), (2, 5.0), (5, 7.5), (7, 10.0), (9, 12.5)],
        [(np.arange(10.0), 2.5)],
    ),
    "kept_results": (  # a convolution of the bases has no constant without its bias
        lambda layer, neutral, bases: torch.cat(
            [layer(neutral)[None], torch.nn.functional.conv2d(bases, layer.weight)]
        ),
        [(torch.nn.Conv2d(3, 2, 3).double().requires_grad_(False), drawn(3, 6, 6), drawn(4, 3, 6, 6))],
    ),
    "when_to_send": (  # in time, too late to be in time, and the kernel has nothing to do
        lambda now, free_at, way: {140: 126.5, 105: 100, 90: 100}[free_at],
        [(100, free_at, 13.5) for free_at in (140, 105, 90)],
    ),
}
