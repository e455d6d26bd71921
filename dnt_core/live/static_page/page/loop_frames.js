// Frames of a clip that plays in a loop of n.

// How many frames lie from `frame` on until `other`.
export const until = (frame, other, n) => (((other - frame) % n) + n) % n;

// Of some frames the one whose turn comes last: it leaves where not all fit. Of a clip that plays, it was shown just now.
export const lastOf = (frame, others, n) =>
  [...others].reduce((last, other) => (until(frame, other, n) > until(frame, last, n) ? other : last));
