// Runs before anything else of the page: the viewer's colours and language, so that nothing flashes, and plain words
// for browsers that cannot run it. The rest of the page is Rust.
(function () {
  "use strict";
  var root = document.documentElement;
  var hints = new URLSearchParams(location.search);

  function chosen(hint, key, otherwise) {
    if (hints.get(hint)) return hints.get(hint);
    try {
      return JSON.parse(localStorage.getItem(key)) || otherwise;
    } catch (error) {
      return otherwise;
    }
  }

  var dark = matchMedia("(prefers-color-scheme: dark)").matches;
  var theme = chosen("theme", "mmscope.theme", dark ? "dark" : "light");
  if (/^(light|dark|projector)$/.test(theme)) root.setAttribute("data-theme", theme);
  root.lang = /^zh/i.test(chosen("lang", "mmscope.lang", navigator.language)) ? "zh-CN" : "en";

  function show(id) {
    var card = document.getElementById(id);
    if (card) card.hidden = false;
  }

  // Whether the page ever came to life: it removes the skeleton when it does.
  function waiting() {
    return document.getElementById("skeleton") !== null;
  }

  document.addEventListener("DOMContentLoaded", function () {
    if (typeof WebAssembly !== "object") show("cannot-run");
    var reload = document.getElementById("crash-reload");
    if (reload) reload.addEventListener("click", function () { location.reload(); });
  });
  addEventListener("unhandledrejection", function () { if (waiting()) show("cannot-run"); });
  addEventListener("error", function () { if (waiting()) show("cannot-run"); }, true);
})();
