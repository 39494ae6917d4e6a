// Listens to new values and hands them to the page as "jalon:values" and "jalon:summary" events.
// Without JavaScript the pages show the same values, as they were when the page was asked for.
(() => {
  "use strict";
  let source = null;
  let paused = false;
  const bar = document.querySelector("[data-live-bar]");
  const text = document.querySelector("[data-live-text]");
  const toggle = document.querySelector("[data-live-toggle]");

  const say = (state) => {
    bar.dataset.state = state;
    text.textContent = text.dataset[state];
  };
  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  const close = () => {
    if (source) source.close();
    source = null;
  };
  const open = () => {
    close();
    if (paused || document.hidden) return;
    const ids = [...document.querySelectorAll("[data-device]")].map((one) => one.dataset.device);
    const query = ids.map((id) => "device=" + encodeURIComponent(id)).join("&");
    source = new EventSource("/api/v1/live?" + query);
    source.addEventListener("open", () => say("on"));
    source.addEventListener("error", () => {
      say("lost");
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
    source.addEventListener("values", (event) => tell("jalon:values", JSON.parse(event.data)));
    source.addEventListener("summary", (event) => tell("jalon:summary", JSON.parse(event.data)));
  };

  if (!bar || !window.EventSource) return;
  bar.hidden = false;
  toggle.addEventListener("click", () => {
    paused = !paused;
    toggle.textContent = paused ? toggle.dataset.resume : toggle.dataset.pause;
    if (paused) close();
    say(paused ? "off" : "on");
    open();
  });
  // A page nobody looks at does not hold a line open.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  document.addEventListener("htmx:afterSettle", open);
  window.addEventListener("pagehide", close);
  open();
})();
