// For readers who ask the system for less motion: films play once, and of a GIF only its first picture is shown.

const calm = matchMedia("(prefers-reduced-motion: reduce)");

function stand(picture) {
  const still = document.createElement("canvas");
  [still.width, still.height] = [picture.naturalWidth, picture.naturalHeight];
  still.getContext("2d").drawImage(picture, 0, 0);
  Object.assign(still, { className: picture.className, ariaLabel: picture.alt, role: "img" });
  picture.replaceWith(still);
}

function obey() {
  for (const film of document.querySelectorAll("video[loop], video[data-loops]")) {
    film.dataset.loops = "";
    film.loop = !calm.matches;
  }
  if (!calm.matches) return;
  for (const picture of document.querySelectorAll('img[src$=".gif"]')) {
    if (picture.complete && picture.naturalWidth) stand(picture);
    else picture.addEventListener("load", () => stand(picture), { once: true });
  }
}

addEventListener("DOMContentLoaded", obey);
calm.addEventListener("change", obey);
