r"""Solutions of the notebooks' exercises, under the names that the exercises give them. Try first.

Each has the signature and the docstring of its stub and is written as a student would write it. The tests
hold it against what the package computes, and the stubs against this file.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from scipy.special import ndtri, stdtrit

from dnt_core.rendering.uv_map import sample_texture

# 00 · start here


def ciec_of(types, expression, intensity):
    r"""Names of the seven types, one of them or "neutral", intensity in [0, 1] → CIEC, seven numbers."""
    return [intensity if name == expression else 0.0 for name in types]


def pixel_of(texels, weights, mask, background):
    r"""Texels and weights of K bases (K,) each, mask in [0, 1], background in grey levels → the pixel."""
    color = (weights * texels).sum()
    return mask * color + (1 - mask) * background


# 01 · a face in 257 numbers


def storage_to_paper(vector):
    r"""(257,) in storage order → (257,) in the paper's order."""
    return torch.cat([vector[:224], vector[227:254], vector[224:227], vector[254:]])


def light_of(colors, skin, nine):
    r"""Seen colours (n, 3), skin (n, 3), nine functions at n vertices (n, 9) → γ of the formula (3, 9)."""
    each = [torch.linalg.lstsq(skin[:, c, None] * nine, colors[:, c, None]).solution for c in range(3)]
    return torch.cat(each, dim=1).T


def perspective_weights(flat, depths):
    r"""Barycentrics on the screen (3,), depths of the corners (3,) → weights in space (3,)."""
    bent = flat / depths
    return bent / bent.sum()


def look_up(texture, u, v):
    r"""Texture (C, N, N) at one point, u and v in [0, 1] and not at the rim → (C,), bilinear."""
    size = texture.shape[-1]
    column, row = u * size - 0.5, (1 - v) * size - 0.5
    left, top = int(column), int(row)
    across, down = column - left, row - top
    upper = torch.lerp(texture[:, top, left], texture[:, top, left + 1], across)
    lower = torch.lerp(texture[:, top + 1, left], texture[:, top + 1, left + 1], across)
    return torch.lerp(upper, lower, down)


def projected(x, y, z, size):
    r"""A point in decimetres, side of the picture in px → (column, row), whole numbers are pixel centres."""
    depth, scale = 10 - z, size / 224
    column, row = 1015 * x / depth + 112, 223 - (1015 * y / depth + 112)  # rows turned over
    return torch.tensor([scale * (column + 0.5) - 0.5, scale * (row + 0.5) - 0.5])


def merged(textures, seen):
    r"""Textures (K, 3, N, N), who saw which texel (K, N, N) → (3, N, N); black where no frame saw it."""
    counts = seen[:, None].to(textures)  # (K, 1, N, N), 1 where it was seen
    return (counts * textures).sum(0) / counts.sum(0).clamp(min=1)


def shared_identity(jacobians, residuals, sigma):
    r"""(T, n, k) and (T, n) px, noise σ px → the most probable α (k,)."""
    jacobian, residual = jacobians.flatten(0, 1), residuals.flatten()  # all frames below each other
    matrix = jacobian.T @ jacobian / sigma**2 + torch.eye(jacobian.shape[1]).to(jacobian)
    return torch.linalg.solve(matrix, jacobian.T @ residual / sigma**2)


# 02 · where are expressions


def entropy_of_guessing(counts):
    r"""Frames of each class (C,) → cross-entropy in nats of always answering with the classes' shares."""
    shares = counts[counts > 0] / counts.sum()
    return -(shares * shares.log()).sum()


def leaked(train, test, clip):
    r"""Rows that train (n,), rows that test (m,), clip of every frame (N,) → is a test frame leaked? (m,)"""
    return np.isin(clip[test], clip[train])


def costs_by_clip(clip, n, cost):
    r"""Clip of every frame (N,), number of folds, cost(train, test) of a new net → cost of each fold (n,)."""
    clips, costs = np.unique(clip), []
    for fold in range(n):
        tests = np.isin(clip, clips[fold::n])
        costs.append(cost(np.flatnonzero(~tests), np.flatnonzero(tests)))
    return np.array(costs)


def margin_of_groups(with_texture, without):
    r"""Cross-entropy of both groups in each fold, (n,) twice → half the 95 % interval of the difference."""
    difference = without - with_texture  # fold by fold: both groups are tested on the same frames
    n = len(difference)
    return stdtrit(n - 1, 0.975) * difference.std(ddof=1) / math.sqrt(n)


def change_of_lead(before, after):
    r"""Leads of the folds in two studies (n,), (m,) → change of the mean lead and its margin (2,)."""
    v, w = (leads.var(ddof=1) / len(leads) for leads in (before, after))
    freedom = (v + w) ** 2 / (v**2 / (len(before) - 1) + w**2 / (len(after) - 1))  # Welch and Satterthwaite
    return np.array([after.mean() - before.mean(), stdtrit(freedom, 0.975) * math.sqrt(v + w)])


def cost_of_covering(nats, picture, mean, top, left, side):
    r"""nats(picture): cost of a picture (3, S, S); mean (3, S, S); a square in px → nats more if covered."""
    covered = picture.copy()
    rows, columns = slice(top, top + side), slice(left, left + side)
    covered[:, rows, columns] = mean[:, rows, columns]
    return nats(covered) - nats(picture)


def own_control(pictures):
    r"""Pictures (N, 3, S, S) uint8 → pictures of the same shape in which one thing is changed or missing."""
    grey = pictures.mean(1, keepdims=True)  # no colours; of 64-bit numbers: 200 + 100 is 44 in 8 bits
    return np.repeat(grey, 3, 1).astype(np.uint8)


# 03 · the decoupling network


def pull_of(logit, saturating):
    r"""Logits (N,) → derivative of −log(1 + e^logit) (saturating) or of log(1 + e^−logit), (N,)."""
    d = torch.sigmoid(logit)
    return -d if saturating else d - 1


def loss_of_D(ask, real, made, r1):
    r"""ask: faces (N, 64) → logits (N,); real and made faces; weight of R1 → the loss of D, a number."""
    softplus = torch.nn.functional.softplus  # log(1 + e^x)
    loss = softplus(-ask(real)).mean() + softplus(ask(made)).mean()  # −log D(real) and −log(1 − D(made))
    real = real.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(ask(real).sum(), real, create_graph=True)
    return loss + r1 * (slope**2).sum(1).mean()


def free_and_reach(change, basis):
    r"""Change of F (64,), lip basis (20, 3, 64) in dm → free share of squared length, mm per unit: (2,)."""
    moves = basis.flatten(0, 1).double()  # (60, 64)
    free = change - torch.linalg.pinv(moves, rtol=1e-6) @ (moves @ change)
    moved = 100 * (basis.double() @ change).norm(dim=-1).mean()  # (20, 3) dm → mean distance in mm
    return torch.stack([(free.norm() / change.norm()) ** 2, moved / change.norm()])


def fresh_reading(fit, decoupler, train, test):
    r"""fit(x, types) → classifier(x) → types; decoupler (N, 64) → (N, 64); two sets (x, types) → share."""
    (x, types), (unseen, wanted) = train, test
    classifier = fit(decoupler(x), types)  # it learns from what the decoupler makes
    return (classifier(decoupler(unseen)) == wanted).float().mean()


# 04 · dynamic neural textures


def mix_textures(textures, intensity):
    r"""Textures (4, N, T, T) at KNOTS, intensity in [0, 1] → (N, T, T)."""
    knots = (0.0, 0.33, 0.67, 1.0)
    upper = next(i for i in (1, 2, 3) if intensity <= knots[i])
    share = (intensity - knots[upper - 1]) / (knots[upper] - knots[upper - 1])
    return torch.lerp(textures[upper - 1], textures[upper], share)


def texture_of(texture, ciecs):
    r"""DynamicTexture with T₀ (N, T, T) and bases (K, N, T, T), CIECs (B, 7) → T(E) of each, (B, N, T, T)."""
    *hidden, last = texture.transcoder.layers
    for layer in hidden:
        ciecs = torch.tanh(layer(ciecs))
    weights = last(ciecs)  # (B, K)
    return texture.neutral + torch.einsum("bk,knij->bnij", weights, texture.basis)


def painted(textures, uv_map, mask, background):
    r"""Textures (B, 4, T, T), UV map (B, 2, H, W), mask (B, 1, H, W), background → pictures (B, 3, H, W)."""
    sampled = sample_texture(textures, uv_map)
    alpha = mask * torch.sigmoid(sampled[:, 3:])
    return alpha * sampled[:, :3] + (1 - alpha) * background


def pixel_loss(drawn, filmed):
    r"""Two batches of pictures (B, 3, H, W) → the loss, one number."""
    d = drawn - filmed
    return d.abs().mean() + d.diff(dim=-1).abs().mean() + d.diff(dim=-2).abs().mean()


def fit(model, loss_of, steps, rate):
    r"""Module, loss_of(model, step) → loss; trains the module → loss at the start of each step, (steps,)."""
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=rate), []
    for step in range(steps):
        optimizer.zero_grad()
        loss = loss_of(model, step)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def clip_bootstrap(values, clips, draws):
    r"""Value and clip number of each frame (N,), clips drawn (R, M) → ends of the 95 % interval (2,)."""
    frames = [values[clips == clip] for clip in range(clips.max() + 1)]
    means = [np.concatenate([frames[clip] for clip in drawn]).mean() for drawn in draws]
    return np.percentile(means, (2.5, 97.5))


def lips_follow(film, drawn):
    r"""Mouth landmarks of R moments, (R, 20, 2) mm each → correlation of the two openings."""
    openings = [np.linalg.norm(lips[:, 14] - lips[:, 18], axis=-1) for lips in (film, drawn)]
    one, other = (opening - opening.mean() for opening in openings)
    return (one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum())


# 05 · intensity and perception


def places_of(order):
    r"""order (m,): clip numbers from 0, weakest first → (m,) place in 1 … m of clip 0, 1, …"""
    places = [0] * len(order)
    for place, clip in enumerate(order, 1):
        places[clip] = place
    return places


def swap_probability(distance, noise):
    r"""Distance d > 0 of two intensities, σ > 0 → probability in [0, 1/2]."""
    return 0.5 * math.erfc(distance / (2 * noise))  # the difference has the standard deviation σ√2


def chance_rmse(groups):
    r"""A list of intensities (m,) of each group → RMSE against y = x of observers who guess."""
    squares = [(value - np.mean(group)) ** 2 for group in groups for value in group]
    return math.sqrt(np.mean(squares))


def score_interval(scores, draws):
    r"""Scores by each observer (k, m), B draws of k observers (B, k) → low and high of each clip (2, m)."""
    means = [scores[drawn].mean(axis=0) for drawn in draws]  # B crowds of k observers
    return np.percentile(means, (2.5, 97.5), axis=0)


def second_share(p_first, p_second):
    r"""How often the clips of each step are exchanged, below 1/2 → share of the whole way in step two."""
    first, second = ndtri(1 - p_first), ndtri(1 - p_second)  # in units of σ√2, which cancels
    return second / (first + second)


def crowd_strength(named, strengths, intended):
    r"""Emotion and strength (0 to 100) of each vote, two (k,); the intended one → intensity in [0, 1]."""
    counted = [strength for name, strength in zip(named, strengths, strict=True) if name == intended]
    return sum(counted) / (100 * len(named))  # all others count 0


# 06 · ablation and metrics


def mouth_distance(film, drawn):
    r"""Landmarks of the film and of the drawn frames, (T, 20, 2) px each → their LMD, px."""
    film, drawn = (mouths - mouths.mean(1, keepdim=True) for mouths in (film, drawn))
    return (film - drawn).norm(dim=-1).mean()


def shift_distances(lips, sound):
    r"""Vectors of lips and sound, (N, D) each → mean distance at each shift from -15 to 15, (31,)."""
    means = []
    for shift in range(-15, 16):
        first, last = max(0, -shift), min(len(lips), len(lips) - shift)  # windows that have a partner
        apart = (lips[first:last] - sound[first + shift : last + shift]).norm(dim=1)
        means.append(apart.mean())
    return torch.stack(means)


def interval_of(differences, draws):
    r"""Difference per clip (N,), indices of the clips drawn (R, N) → ends of the 95 % interval (2,)."""
    means = differences[draws].mean(1)  # one mean per draw
    return np.percentile(means, (2.5, 97.5))


def interval_of_trainings(leads, clips, trainings):
    r"""Leads (S, N) of S trainings on N clips, clips drawn (R, N), trainings drawn (R, S) → ends (2,)."""
    means = leads[trainings[:, :, None], clips[:, None, :]].mean((1, 2))  # one mean per draw
    return np.percentile(means, (2.5, 97.5))


def worse_video(film, ours):
    r"""Film and ours, (T, 3, S, S) each in [0, 1] → another video (T, 3, S, S) of the same clip."""
    upper, lower = film.chunk(2, 2)
    return torch.cat([1 - upper, lower], 2)  # LMD and CSS look at the mouth alone, in the lower half


def verdict_of(leads):
    r"""Interval (low, high) of the lead over each method of a claim → 1 holds, -1 does not, 0 open."""
    return min((low > 0) - (high < 0) for low, high in leads)  # the worst of its methods decides


# 07 · audio to video


def window_start(frame, fps):
    r"""Frame from 0, frames per second → first of the 16 columns that belong to it, a whole number."""
    return int(frame * (80 / fps))


def dilated(x, weights, step):
    r"""Signal (T,), three weights, steps between the values → (T − 2·step,) filtered signal."""
    n = len(x) - 2 * step
    return sum(weights[k] * x[k * step : k * step + n] for k in range(3))


def precision_of(opening, truth):
    r"""Opening and true opening per frame, (T,) mm → share of the frames that meet which are right."""
    meets, true_meets = opening <= 1, truth <= 1
    near = true_meets.copy()
    near[1:] |= true_meets[:-1]  # a frame later
    near[:-1] |= true_meets[1:]  # a frame earlier
    return (meets & near).sum() / meets.sum()


def closing_step(close, jaw, upper, sharpness):
    r"""mouthClose, jawOpen, mouthUpperUp before the step, (T,) each → mouthClose, mouthUpperUp after it."""
    closure = np.clip((close - 0.5) * sharpness + 0.5, 0, 1)
    return closure * jaw, (1 - closure) * upper


def drift_of(hop, seconds):
    r"""Samples per column (right: 200), time t of a frame in s → time that its column shows, less t, in s."""
    column = 80 * seconds  # the one that the index asks for
    return column * hop / 16_000 - seconds


def closings_of(opening):
    r"""Opening per frame, (T,) mm → how often the lips close."""
    meets = opening <= 1
    begins = meets[1:] & ~meets[:-1]  # they meet, and one frame before they did not
    return int(meets[0]) + int(begins.sum())


# 08 · live sliders


def rate_and_lag(set_ms, shown_ms):
    r"""ms at which values were set, and when they were shown, (N,) → pictures/s, 95th percentile of lag."""
    rate = 1000 * (len(shown_ms) - 1) / (shown_ms[-1] - shown_ms[0])  # N pictures, N - 1 steps
    return rate, np.percentile(shown_ms - set_ms, 95)


def shown_at(way, draw, under_way, pictures):
    r"""ms per message, ms per drawing, requests under way, pictures → ms at which each is shown."""
    shown, free = [], 0.0
    for k in range(pictures):
        leaves = shown[k - under_way] if k >= under_way else 0.0
        free = max(free, leaves + way) + draw  # begins when the message is here and the kernel is free
        shown.append(free + way)
    return shown


def newest_wins(hand, render):
    r"""Times of the hand's values (N,) in s, s per picture → (value's index, time painted) per picture."""
    painted, free, last = [], 0.0, -1
    while last < len(hand) - 1:
        free = max(free, hand[last + 1])  # nothing new is known before
        last = max(k for k, when in enumerate(hand) if when <= free)  # the newest value by now
        free += render
        painted.append((last, free))
    return painted


def kept_results(layer, neutral, bases):
    r"""A layer S, T₀ (C, H, W) and K bases (K, C, H, W) → S(T₀), L(T₁) … L(T_K) in one tensor (K + 1, …)."""
    constant = layer(torch.zeros_like(neutral))
    return torch.stack([layer(neutral), *(layer(basis) - constant for basis in bases)])


def when_to_send(now, free_at, way):
    r"""ms now, ms at which the kernel becomes free, ms per message → ms at which the request leaves."""
    return max(now, free_at - way)
