// Follows the alarms: brings the list up to date, unless the reader is at work in it, and tells a
// screen reader the figures at most every ten seconds.
(() => {
  "use strict";
  const bar = document.querySelector("[data-alarm-live]");
  const summary = document.querySelector("[data-alarm-summary]");
  if (!bar || !window.EventSource) return;
  const CALM_MS = 10000;
  let source = null;
  let known = "";
  let mark = Number(bar.dataset.mark); // as the page was written
  let told = Date.now();
  let timer = 0;

  // Ticks, a comment being written, the keyboard in the list: nothing moves under their hands.
  const isBusy = () => {
    const results = document.querySelector("#results");
    const written = results.querySelector("#comment");
    return (
      results.contains(document.activeElement) ||
      results.querySelector("input:checked") !== null ||
      (written !== null && written.value !== "")
    );
  };
  const offer = (show) => {
    bar.querySelector(".fresh-news").hidden = !show;
  };
  const refresh = async () => {
    if (isBusy()) return offer(true);
    const answer = await fetch(location.href, { headers: { accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (isBusy()) return offer(true);
    for (const id of ["results", "alarm-figures"])
      document.getElementById(id).replaceWith(page.getElementById(id));
    offer(false);
  };
  const tell = (words) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (summary.textContent !== words) summary.textContent = words;
      told = Date.now();
    }, Math.max(0, told + CALM_MS - Date.now()));
  };
  const heard = (event) => {
    const figures = JSON.parse(event.data);
    const words = summary.dataset.words
      .replace("{active}", figures.active)
      .replace("{unacknowledged}", figures.unacknowledged);
    if (known && words !== known) tell(words);
    known = words;
    if (figures.mark !== mark) refresh();
    mark = figures.mark;
  };
  const close = () => {
    if (source) source.close();
    source = null;
  };
  const open = () => {
    close();
    if (document.hidden) return;
    source = new EventSource("/api/v1/alarms/live");
    source.addEventListener("open", () => (bar.dataset.state = "on"));
    source.addEventListener("error", () => {
      bar.dataset.state = "lost";
      if (source && source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
    source.addEventListener("alarms", heard);
  };
  bar.hidden = false;
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("pagehide", close);
  open();
})();
