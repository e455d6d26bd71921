r"""The hints of each exercise, under the name of its solution in :mod:`dnt_core.workbook.solutions`."""

from __future__ import annotations

from dnt_core.workbook.hints import Hints

HINTS: dict[str, Hints] = {
    # 00 · start here
    "pixel_of": Hints(
        5,
        1,
        "Which two sums are in the figure? One adds the bases, the other one is equation 1.",
        "F is the sum of weight times texel. Then mix: mask times F, plus (1 − mask) times the background.",
    ),
    # 01 · a face in 257 numbers
    "storage_to_paper": Hints(
        4,
        1,
        "Write both orders below each other with their positions: which parts change places?",
        "α, β and δ are the first 224 numbers in both. After them files have 3 angles, 27 of light, 3 of "
        "translation. torch.cat puts slices together.",
    ),
    "light_of": Hints(
        8,
        2,
        "Write the formula for red at all n vertices. It is a linear system. Which matrix stands before the "
        "nine unknowns?",
        "Row i of the matrix is the red of the skin at vertex i, times the nine functions there. "
        "torch.linalg.lstsq solves such a system. Then do the same for green and blue.",
    ),
    "perspective_weights": Hints(
        6,
        2,
        "Think of a long corridor. Its far half takes up little of the picture.",
        "With the weights w of the screen, X / z = Σ wᵢ Xᵢ / zᵢ and 1 / z = Σ wᵢ / zᵢ. Solve for X: by which "
        "number is Xᵢ multiplied?",
    ),
    "look_up": Hints(
        12,
        3,
        "Turn u and v into a column and a row that may lie between texels. Where is the centre of texel 0?",
        "column = u N − ½, row = (1 − v) N − ½. The whole part says which texel is upper left, the rest is "
        "how far you are on the way to the next one.",
    ),
    "projected": Hints(
        8,
        2,
        "Draw a face and the picture's rows beside it. At which row is the forehead, and what is its y?",
        "y goes up and rows go down, so the colleague's picture has to be turned over: its first row becomes "
        "the last one. Which number does the last of 224 rows have?",
    ),
    "merged": Hints(
        5,
        1,
        "For one texel: add the colours of the frames that saw it, and count these frames.",
        "A mask of 1 and 0 does both: multiplied with the textures, and summed by itself. What if the count "
        "is 0?",
    ),
    "shared_identity": Hints(
        10,
        3,
        "Write the sum of squares that α should make small: how often does the prior appear in it?",
        "Lay the frames' rows below each other, so that there is one J and one r. Then set the derivative to "
        "zero, as for the one coefficient above; its J² becomes JᵀJ.",
    ),
    # 02 · where are expressions
    "entropy_of_guessing": Hints(
        5,
        2,
        "The classifier answers with the same probabilities for every frame: the classes' shares.",
        "A share p of the frames costs −ln p each. Average over the frames, and leave out empty classes.",
    ),
    "leaked": Hints(
        5,
        1,
        "train and test hold row numbers. clip[train] are the clips that were trained on.",
        "np.isin(a, b) says of each number of a whether it occurs in b.",
    ),
    "costs_by_clip": Hints(
        8,
        2,
        "np.unique(clip) are the clips, sorted. Which of them does fold k test, and which frames are theirs?",
        "np.isin(clip, clips[k::n]) marks the frames that fold k tests. All others train. "
        "np.flatnonzero gives the rows.",
    ),
    "margin_of_groups": Hints(
        8,
        2,
        "A hard fold is hard for both groups, because both are tested on its frames. What cancels this?",
        "Take the difference fold by fold. Then it is the usual interval of a mean of n numbers.",
    ),
    "change_of_lead": Hints(
        6,
        2,
        "In exercise 2.4 both costs of a fold were of the same frames. Is this so for the leads of fold 1 in "
        "the two studies?",
        "The variances of independent means add: v is the variance of the numbers divided by n. The margin "
        "is stdtrit(ν, 0.975) times the root of the sum of both v.",
    ),
    "cost_of_covering": Hints(
        6,
        2,
        "You need the picture twice: as it is, and with the square taken from the mean picture.",
        "Copy the picture. Then covered[:, top : top + side, left : left + side] takes that part of mean.",
    ),
    "own_control": Hints(
        10,
        2,
        "What might the net read: brows, furrows, the outline, colours, brightness? Take one of them away. "
        "Leave the rest as it is.",
        "Copy the pictures first. Grey: the mean over the second axis, three times. Mirrored: "
        "pictures[..., ::-1]. Only the upper half: fill the lower rows with the same grey for all frames.",
    ),
    # 03 · the decoupling network
    "pull_of": Hints(
        8,
        2,
        "Write D for 1 / (1 + e^−ℓ). What is the derivative of log(1 + e^ℓ)?",
        "The first is −D, which vanishes where D is near 0. For the second use log(1 + e^−ℓ) and 1 − D.",
    ),
    "loss_of_D": Hints(
        10,
        2,
        "D makes equation 2 larger, so its loss is the negative of it. What is −log D in terms of the logit?",
        "−log D = softplus(−ℓ) and −log(1 − D) = softplus(ℓ). For R1 take a copy of `real` that requires a "
        "gradient, and torch.autograd.grad of the sum of its logits, with create_graph=True.",
    ),
    "free_and_reach": Hints(
        10,
        3,
        "Flatten the basis to a matrix M (60, 64). A change c moves the landmarks by M c.",
        "Free part: subtract the smallest change that moves the landmarks in the same way, pinv(M) M c. "
        "Movement: take the length of each landmark's three numbers in basis @ c, then their mean.",
    ),
    "fresh_reading": Hints(
        5,
        2,
        "Section 2 tells two kinds of classifiers apart. Which of the two is this one?",
        "What does fit see: faces before the decoupler or after it?",
    ),
    # 00 · start here
    "ciec_of": Hints(
        3,
        1,
        "The vector has one entry per type. How many of them may be above zero?",
        "Go through `types`. Where the name is `expression` the entry is `intensity`, else 0.",
    ),
    # 04 · dynamic neural textures
    "mix_textures": Hints(
        6,
        2,
        "Find the two known intensities between which the asked one lies.",
        "With neighbours a and b the upper share is (x − a) / (b − a). torch.lerp(A, B, share) mixes them.",
    ),
    "texture_of": Hints(
        6,
        2,
        "texture.transcoder.layers holds linear layers, which you can call. After which of them comes tanh?",
        "The last layer gives the weights (B, K), without tanh. torch.einsum sums over k; then T₀ is added.",
    ),
    "painted": Hints(
        6,
        2,
        "sample_texture(textures, uv_map) puts all four channels onto the face, (B, 4, H, W).",
        "The first three are F. α is mask × torch.sigmoid(the fourth). Then write equation 1.",
    ),
    "pixel_loss": Hints(
        4,
        1,
        "Begin with d, the difference of the two pictures. ∂x d is d.diff(dim=-1), one column narrower.",
        "The bar is .abs().mean(). Three such means are added.",
    ),
    "fit": Hints(
        8,
        2,
        "One optimizer for all steps: torch.optim.Adam(model.parameters(), lr=rate).",
        "Per step: zero_grad(), the loss, backward(), the optimizer's step(). Note loss.item().",
    ),
    "clip_bootstrap": Hints(
        10,
        2,
        "A draw names M clips, some of them twice. Which frames does it hold, and what is their mean?",
        "Per draw: np.concatenate the values of its clips and take the mean. np.percentile of all means.",
    ),
    "lips_follow": Hints(
        6,
        2,
        "First make R openings of each film: the distance between landmarks 14 and 18 at each moment.",
        "Subtract the mean from both rows of openings. Then Σ a b / √(Σ a² · Σ b²).",
    ),
    # 05 · intensity and perception
    "places_of": Hints(
        5,
        1,
        "An order says which clip stands at each place. Asked is at which place each clip stands.",
        "Go through the order with enumerate(order, 1). Write each place into a list, at the clip's number.",
    ),
    "swap_probability": Hints(
        10,
        2,
        "The two clips look different by d plus a normal number. What is its standard deviation?",
        "Variances add: σ² + σ² = 2σ². The pair is swapped when the normal number is below −d; the normal "
        "distribution's tail is 0.5 · math.erfc(z / √2) for z standard deviations.",
    ),
    "chance_rmse": Hints(
        6,
        2,
        "Who guesses gives every clip of a group the same score on average. Which one?",
        "It is the mean of the group's own intensities. Average the squared distances over all clips of all "
        "groups, then take the root.",
    ),
    "score_interval": Hints(
        8,
        2,
        "A row of draws is one crowd: the numbers of its k observers, some of them twice. What is its score?",
        "scores[drawn] are the scores of one crowd's observers; their mean is the score of the crowd. Then "
        "np.percentile of all crowds, with axis=0.",
    ),
    "second_share": Hints(
        8,
        2,
        "Solve p = ½ erfc(d / (2σ)) for d. With the inverse normal distribution, d = √2 σ · ndtri(1 − p).",
        "Write both distances with the unknown σ. The share is d₂ / (d₁ + d₂): what cancels?",
    ),
    "crowd_strength": Hints(
        4,
        1,
        "Among how many people is the mean taken: all of them, or those who named the intended emotion?",
        "Add the strengths of the votes that name the intended emotion. Divide by 100 and by the number of "
        "all votes.",
    ),
    # 06 · ablation and metrics
    "mouth_distance": Hints(
        5,
        2,
        "Each frame has a mean of its own. Over which of the three axes is it taken?",
        "Subtract film.mean(1, keepdim=True) from film, and do the same with drawn. Then take the length of "
        "each of the T · 20 differences, and the mean of these lengths.",
    ),
    "shift_distances": Hints(
        8,
        2,
        "Begin with a shift of 0, then with one of 1. How many vectors of the lips have a partner in the "
        "sound? Which ones are left over when the shift is negative?",
        "With n = len(lips) and a shift s, the vectors of the lips from max(0, -s) up to min(n, n - s) have "
        "a partner: the vector of the sound that stands s places later. Take the length of each difference.",
    ),
    "interval_of": Hints(
        8,
        2,
        "differences[draws] has a row per draw. What does each row say about the mean?",
        "Take the mean of each row. Between which two values do 95 % of these means lie? np.percentile.",
    ),
    "interval_of_trainings": Hints(
        8,
        2,
        "Begin with one draw. Take its trainings and its clips out of the table of leads. How many numbers "
        "are left, and what is their mean?",
        "leads[trainings[r]][:, clips[r]] is the table of draw r, with S rows and N columns. Take one mean "
        "of each such table, for r = 0 … R − 1. Then go on as in exercise 6.3.",
    ),
    "worse_video": Hints(
        10,
        3,
        "Choose a metric that looks at one part of the video only. What does it not look at? Spoil that, and "
        "leave the rest as filmed.",
        "LMD and CSS look at the mouth alone. The film's own mouth leads ours in both. The mouth lies in the "
        "lower half of the picture. So what may you do to the upper half?",
    ),
    "verdict_of": Hints(
        5,
        2,
        "Begin with one method. An interval that contains 0 decides nothing. On which side of 0 must it lie?",
        "Give each method a number: 1 where low > 0, -1 where high < 0, else 0. Which of these numbers "
        "decides a claim that must hold against each method?",
    ),
    # 07 · audio to video
    "window_start": Hints(
        3,
        1,
        "The frame is shown frame / fps seconds after the start. How many columns have passed by then?",
        "There are 80 columns per second. Multiply first, then cut the fraction off with int().",
    ),
    "dilated": Hints(
        6,
        2,
        "For how many t do x[t], x[t + step] and x[t + 2 · step] all exist?",
        "T − 2 · step of them. Cut three pieces of this length out of x, beginning at 0, step and 2 · step.",
    ),
    "precision_of": Hints(
        6,
        2,
        "Of which frames is this a share: of those in which the lips meet, or of those in which they should?",
        "Make two arrays of True and False, opening <= 1 and truth <= 1. Widen the second by one frame on "
        "each side. Then count.",
    ),
    "closing_step": Hints(
        5,
        2,
        "Three lines: the closure, cut by np.clip, then the two movements.",
        "Closed lips have c = 1. What becomes of a movement that parts lips then, and what at c = 0?",
    ),
    "drift_of": Hints(
        8,
        3,
        "Which column does the index of section 3 ask for? It counts 80 per second, whatever the hop is.",
        "That column was made from the samples around column · hop. Turn this number into seconds (16,000 "
        "samples per second) and compare with the time of the frame.",
    ),
    "closings_of": Hints(
        4,
        1,
        "Make an array of True and False: do the lips meet? In which places does it change to True?",
        "With meets = opening <= 1, compare meets[1:] with meets[:-1], the frame before. Then think of the "
        "first frame.",
    ),
    # 08 · live sliders
    "rate_and_lag": Hints(
        5,
        1,
        "A rate is a number per time. From the first picture to the last one, how many new ones come?",
        "N − 1 new pictures come in the time from the first one to the last one. A lag is the time from a "
        "value to its picture. np.percentile(lags, 95) is the lag that 95 of 100 do not exceed.",
    ),
    "shown_at": Hints(
        10,
        2,
        "Draw the figure above on paper for two requests under way. What must have happened before a "
        "drawing can begin?",
        "Two things: its message has arrived, and the drawing before it is done. Begin at the later of the "
        "two. Keep the time at which the kernel is free from one picture to the next.",
    ),
    "newest_wins": Hints(
        10,
        3,
        "When a picture is ready, look which value the hand has set last. Those before it are never drawn.",
        "Keep two numbers: when the kernel is free, and which value was drawn last. Wait for a newer value "
        "if there is none, take the newest one, add render seconds, note the pair.",
    ),
    "kept_results": Hints(
        6,
        2,
        "What does the layer give for a texture of zeros?",
        "It gives the constant c. Each basis that goes through the layer comes out with c added. How often "
        "may c be in the sum?",
    ),
    "when_to_send": Hints(
        4,
        1,
        "Mark three moments on a line: now, the kernel is free, the request leaves. When should it arrive?",
        "It should arrive when the kernel becomes free, so it leaves earlier than that. What if this moment "
        "is over?",
    ),
}
