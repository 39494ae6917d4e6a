// Adds messages to the list as they come, tells a screen reader, and shows them outside the page
// when the reader has asked for that. While the page is open only: also in a tab that is hidden.
(() => {
  "use strict";
  const section = document.querySelector("[data-notices]");
  const list = section && section.querySelector("[data-notices-list]");
  if (!list || !window.EventSource) return;
  const state = section.querySelector("[data-notices-state]");
  const said = section.querySelector("[data-notices-said]");
  const ask = section.querySelector("[data-notices-ask]");
  const none = section.querySelector("[data-notices-none]");
  const MOST = 100;
  let source = null;

  const canShow = () => "Notification" in window && window.isSecureContext;
  const describe = () => {
    const permission = canShow() ? Notification.permission : "denied";
    ask.hidden = permission !== "default";
    if (permission === "granted") state.textContent = section.dataset.granted;
    else if (permission === "denied" && canShow()) state.textContent = section.dataset.denied;
    else state.textContent = section.dataset.silent;
  };
  const add = (notice) => {
    const item = document.createElement("li");
    item.lang = notice.language;
    const link = document.createElement("a");
    link.href = notice.path;
    link.textContent = notice.title;
    const time = document.createElement("time");
    time.className = "hint";
    const now = new Date();
    time.dateTime = now.toISOString();
    time.textContent = now.toLocaleTimeString(document.documentElement.lang);
    item.append(link, " ", time);
    list.prepend(item);
    while (list.children.length > MOST) list.lastElementChild.remove();
    none.hidden = true;
    said.lang = notice.language;
    said.textContent = notice.title;
  };
  const show = (notice) => {
    if (!canShow() || Notification.permission !== "granted") return;
    try {
      const shown = new Notification(notice.title, {
        body: notice.text,
        lang: notice.language,
        tag: "jalon-" + notice.id,
        requireInteraction: notice.severity === "critical",
      });
      shown.addEventListener("click", () => {
        window.focus();
        location.assign(notice.path);
      });
    } catch {
      // Some telephones have no such messages for pages; the list has them.
    }
  };
  const open = () => {
    if (source) source.close();
    source = new EventSource("/api/v1/notifications/live");
    source.addEventListener("open", describe);
    source.addEventListener("error", () => {
      state.textContent = section.dataset.lost;
      if (source.readyState === EventSource.CLOSED) setTimeout(open, 5000);
    });
    source.addEventListener("notice", (event) => {
      const notice = JSON.parse(event.data);
      if (!notice.path.startsWith("/") || notice.path.startsWith("//")) notice.path = "/";
      add(notice);
      show(notice);
    });
  };

  ask.addEventListener("click", async () => {
    await Notification.requestPermission();
    describe();
    if (ask.hidden) state.setAttribute("tabindex", "-1"), state.focus();
  });
  window.addEventListener("pagehide", () => source && source.close());
  window.addEventListener("pageshow", (event) => event.persisted && open());
  describe();
  open();
})();
