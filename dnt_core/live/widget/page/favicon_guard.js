// JupyterLab exchanges the icon of its browser tab whenever a kernel begins and ends a message, and fetches it from
// the server each time, which takes longer than all else in the page. While frames come the icon keeps still.

function makeTabIcon(rest = 500) {
  let links = [], timer = null;

  function release() {
    clearTimeout(timer);
    for (const link of links) link.classList.add("favicon");
    links = [];
  }

  return {
    keepStill() {
      clearTimeout(timer);
      timer = setTimeout(release, rest); // ms without a frame
      if (!links.length) links = [...document.querySelectorAll("link.favicon")]; // as JupyterLab finds them
      for (const link of links) link.classList.remove("favicon");
    },
    release,
  };
}
