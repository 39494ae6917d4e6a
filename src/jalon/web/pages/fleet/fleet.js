// Puts new values into the table, and tells a screen reader about the fleet now and then.
(() => {
  "use strict";
  const ago = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
  const steps = [["second", 60], ["minute", 60], ["hour", 24], ["day", Infinity]];
  let told = "";

  const since = (moment) => {
    let past = Math.max(0, (Date.now() - moment) / 1000);
    for (const [unit, size] of steps) {
      if (past < size) return ago.format(-Math.floor(past), unit);
      past /= size;
    }
    return "";
  };
  const refresh = () => {
    for (const time of document.querySelectorAll("time[data-seen]"))
      time.textContent = since(Date.parse(time.dateTime));
  };

  document.addEventListener("jalon:values", ({ detail }) => {
    for (const one of detail) {
      const row = document.querySelector(`[data-device="${CSS.escape(one.device)}"]`);
      if (!row) continue;
      const cell = row.querySelector(`[data-property="${CSS.escape(one.property)}"]`);
      if (cell && cell.textContent !== one.text) {
        cell.textContent = one.text;
        cell.classList.remove("fresh");
        void cell.offsetWidth; // restarts the highlight
        cell.classList.add("fresh");
      }
      const time = row.querySelector("time[data-seen]");
      if (time && Date.parse(time.dateTime) < Date.parse(one.time)) {
        time.dateTime = one.time;
        time.title = one.when;
        time.textContent = since(Date.parse(one.time));
      }
    }
  });

  document.addEventListener("jalon:summary", ({ detail }) => {
    for (const place of document.querySelectorAll("[data-summary]"))
      place.textContent = detail.text[place.dataset.summary];
    const status = document.querySelector("[data-live-summary]");
    const words = status.dataset.words
      .replace("{reporting}", detail.text.reporting)
      .replace("{silent}", detail.text.silent);
    // Spoken only when something changed, so that nobody is talked over.
    if (told && words !== told) status.textContent = words;
    told = words;
  });

  setInterval(refresh, 10000);
})();
