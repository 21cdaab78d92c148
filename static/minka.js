// Small helps on top of a page that works without them: keys, the time a vote took, words after a swap.
(() => {
  const SETTLE = 500, LINGER = 6000;
  const find = (selector) => document.querySelector(selector);
  let since = performance.now(), timer;

  // A bar that says "Received" goes after six seconds, later if somebody is on it.
  const linger = () => {
    clearTimeout(timer);
    timer = setTimeout(function go() {
      const bar = find(".received");
      if (bar && bar.matches(":hover, :focus-within")) timer = setTimeout(go, 1000);
      else if (bar) bar.hidden = true;
    }, LINGER);
  };

  // "See all" only where something is folded.
  const fold = () => document.querySelectorAll(".unfold").forEach((box) => {
    if (box.checked) return;
    const answer = box.nextElementSibling;
    const folded = answer.scrollHeight > answer.clientHeight + 1;
    box.disabled = !folded;
    answer.querySelector(".more").hidden = !folded;
  });

  // What works only with a script is offered only by one; keys only where there is likely a keyboard.
  const offer = () => document.querySelectorAll("[data-used], [data-keys]").forEach((button) => {
    button.hidden = "keys" in button.dataset && !matchMedia("(hover: hover)").matches;
  });

  const begin = () => { since = performance.now(); linger(); fold(); offer(); };

  // What this page has cost so far, told to whoever asks.
  const used = () => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    return Math.ceil(entries.reduce((sum, entry) => sum + entry.transferSize, 0) / 1000);
  };

  // The keys that work on the page as it stands.
  const keys = find("#keys");
  let from;
  const tellKeys = () => {
    const line = keys.querySelector("template").content.firstElementChild;
    keys.querySelector("ul").replaceChildren(...Array.from(document.querySelectorAll("#turn [aria-keyshortcuts]"), (button) => {
      const row = line.cloneNode(true), said = button.cloneNode(true);
      said.querySelectorAll("kbd, svg").forEach((each) => each.remove());
      row.querySelector("kbd").textContent = button.getAttribute("aria-keyshortcuts");
      row.querySelector(".said").textContent = said.textContent.trim();
      return row;
    }));
    from = document.activeElement;
    if (keys.showModal) keys.showModal(); else keys.setAttribute("open", "");
    keys.querySelector("button").focus();
  };
  const closeKeys = () => {
    if (keys.close) keys.close(); else keys.removeAttribute("open");
    if (from) from.focus();
  };
  if (keys) {
    keys.querySelector("button").addEventListener("click", closeKeys);
    keys.addEventListener("cancel", (event) => { event.preventDefault(); closeKeys(); });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") document.querySelectorAll("details[open]").forEach((open) => { open.open = false; });
    if (event.key === "Escape" && keys && keys.hasAttribute("open") && !keys.close) closeKeys();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat ) return;
    const on = event.target;
    if (on !== document.body && (!on.closest("#main") || on.matches("input:not([type=checkbox], [type=radio]), textarea, select"))) return;
    if (event.key === "?" && keys) { event.preventDefault(); tellKeys(); }
    if (performance.now() - since < SETTLE) return;
    const button = /^[0-9]$/.test(event.key) && find(`[data-work] [aria-keyshortcuts="${event.key}"]`);
    if (button) { button.focus(); button.click(); }
  });

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-used]");
    if (asked) asked.textContent = asked.dataset.used.replace("{n}", used());
    if (keys && event.target.closest("[data-keys]")) tellKeys();
    const form = event.target.closest("[data-work]");
    if (form) form.elements.seconds.value = ((performance.now() - since) / 1000).toFixed(1);
    document.querySelectorAll("details.menu[open], details.ways[open]").forEach((open) => {
      if (!open.contains(event.target)) open.open = false;
    });
  }, true);

  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (xhr.responseText.includes('id="turn"')) event.detail.shouldSwap = true;
    else if (xhr.status < 500) {
      // Not a turn: the session ended, or consent is asked for. That is a page of its own.
      event.detail.shouldSwap = false;
      const unturned = new CustomEvent("minka:unturned", { detail: event.detail, cancelable: true });
      if (document.dispatchEvent(unturned)) location.assign(location.pathname);
    }
  });

  for (const arrival of ["htmx:afterSwap", "minka:arrived"]) document.addEventListener(arrival, () => {
    find("#turn").classList.add("arrives");
    begin();
    find("#said").textContent = find(".received span")?.textContent ?? "";
    scrollTo(0, 0);
  });

  addEventListener("resize", fold);
  begin();
})();
