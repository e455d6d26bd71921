// What the page says when its modules do not come: it was opened as a file, or its server takes scripts for something else.

addEventListener("error", ({ target }) => {
  if (target.tagName !== "SCRIPT") return;
  const why = location.protocol === "file:"
    ? "Opened as a file, this page cannot load its face. It takes a web server: in its folder run “python -m http.server” and open localhost:8000"
    : "The scripts of this page did not come as such: its server has to send .js files as text/javascript.";
  const say = () => (document.getElementById("waiting").textContent = why);
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", say) : say();
}, true);
