/* global htmx */
// Nothing that somebody typed is lost, and nothing counts twice.
//
// An answer is written down in the browser's own store (IndexedDB) before it is sent, under the key the form came with,
// and leaves the store only on the server's word that it was received. So whatever happens on the way, a cut network, a
// killed tab, a session that ended, it is sent again, in order, under the same key. What is being typed is written down
// at every touch. All of it belongs to one account: `place` is its name here (`people/accounts/places.py`).
(() => {
  const VERSION = 2, PATIENCE = 20000, SLOW = 3000, FINAL = ["invalid", "not_found", "already_judged", "key_reused", "too_large"];
  // What was answered; what is being written; the turns of a pack (`pack.js`); who was here last.
  const STORES = { outbox: "key", drafts: "id", turns: "assignment", here: "id" };
  let opened, count = 0;

  // The store -------------------------------------------------------------------------------------------------------

  const open = () => opened ??= new Promise((yes, no) => {
    const ask = indexedDB.open("minka", VERSION);
    ask.onupgradeneeded = () => {
      for (const [name, keyPath] of Object.entries(STORES)) {
        if (!ask.result.objectStoreNames.contains(name)) ask.result.createObjectStore(name, { keyPath });
      }
    };
    ask.onsuccess = () => {
      ask.result.onclose = ask.result.onversionchange = () => { ask.result.close(); opened = null; };
      yes(ask.result);
    };
    ask.onerror = () => { opened = null; no(ask.error); };
  });

  const act = async (store, how, ...given) => {
    const base = await open();
    return new Promise((yes, no) => {
      const whole = base.transaction(store, how.startsWith("get") ? "readonly" : "readwrite");
      const ask = whole.objectStore(store)[how](...given);
      whole.oncomplete = () => yes(ask.result);
      whole.onabort = whole.onerror = () => no(whole.error);
      if (whole.commit) whole.commit();  // at once: a tab killed now has it written down
    });
  };

  // An answer is written down, and its turn leaves the pack if it was in one: both or neither.
  const write = async (row) => {
    const base = await open();
    return new Promise((yes, no) => {
      const whole = base.transaction(["outbox", "turns"], "readwrite");
      whole.objectStore("outbox").put(row);
      whole.objectStore("turns").delete(row.assignment);
      whole.oncomplete = yes;
      whole.onabort = whole.onerror = () => no(whole.error);
      if (whole.commit) whole.commit();
    });
  };

  // The turn an answer was given to comes back from where it waits; false when it was sent meanwhile.
  const takeBack = (key, turn) => alone(async () => {
    const base = await open();
    return new Promise((yes, no) => {
      const whole = base.transaction(["outbox", "turns"], "readwrite"), box = whole.objectStore("outbox");
      const found = box.get(key);
      found.onsuccess = () => {
        if (!found.result) return;
        box.delete(key);
        whole.objectStore("turns").put(turn);
      };
      whole.oncomplete = () => yes(Boolean(found.result));
      whole.onabort = whole.onerror = () => no(whole.error);
    });
  });

  const all = async (store) => (await act(store, "getAll")).sort((one, other) => one.n - other.n);
  const put = (store, row) => act(store, "put", { n: now(), ...row });
  const now = () => Date.now() * 1000 + count++ % 1000;
  const drop = (store, key) => act(store, "delete", key);
  const clear = () => Promise.all(Object.keys(STORES).map((store) => act(store, "clear")));
  const change = async (key, facts) => {
    const row = await act("outbox", "get", key);
    if (row) await act("outbox", "put", { ...row, ...facts });
  };

  // Sending ---------------------------------------------------------------------------------------------------------

  const ask = async (url, options, patience = PATIENCE) => {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), patience);
    try {
      const headers = { Accept: "application/json", ...options.headers };
      const answer = await fetch(url, { credentials: "same-origin", cache: "no-store", ...options, headers, signal: stop.signal });
      // A hotel's log-in page answers everything with 200: only JSON is our server's word.
      const ours = (answer.headers.get("Content-Type") || "").includes("json");
      return { status: answer.status, told: ours ? await answer.json() : {} };
    } finally { clearTimeout(timer); }
  };

  const post = (url, body, token) => ask(url, {
    method: "POST", body: new URLSearchParams(body).toString(),
    headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token },
  });

  // One tab at a time, where the browser can say so; where two send the same, the key makes it one.
  const alone = (work) => self.navigator.locks ? navigator.locks.request("minka-outbox", work) : work();

  // What waits is sent, the oldest first, as long as its owner is here. Returns the keys that were received, and why
  // it stopped: "" when nothing of theirs is left, "away", or "later".
  const flush = () => alone(async () => {
    const received = [];
    const waiting = (await all("outbox")).filter((row) => !row.refused);
    if (!waiting.length) return { received, stopped: "" };
    try {
      const here = (await ask("/who/", {})).told;
      if (!here.place) return { received, stopped: here.place === "" ? "away" : "later" };
      const mine = waiting.filter((row) => row.place === here.place);
      for (const row of mine) {
        const { status, told } = await post(row.url, `${row.body}&place=${row.place}`, here.token);
        if (told.received === row.key) {
          await received_(row);
          received.push(row.key);
        } else if (status === 401) return { received, stopped: "away" };
        else if (FINAL.includes(told.code)) await change(row.key, { refused: told.detail });
        else {
          if (told.detail) await change(row.key, { why: told.detail });
          return { received, stopped: "later" };
        }
      }
      return { received, stopped: mine.length ? "" : "away" };
    } catch {
      return { received, stopped: "later" };
    } finally { tell(); }
  });

  const received_ = async (row) => {
    await drop("outbox", row.key);
    for (const draft of await all("drafts")) if (draft.assignment === row.assignment) await drop("drafts", draft.id);
  };

  const air = self.BroadcastChannel ? new BroadcastChannel("minka") : null;
  const tell = () => { if (air) air.postMessage("changed"); };

  // The page ========================================================================================================

  const find = (selector) => document.querySelector(selector);
  const place = () => (find("[data-place]") || { dataset: {} }).dataset.place || "";
  const tab = Math.random().toString(36).slice(2);
  const words = (name, n) => (find("#unsent").dataset[name] || "").replace("{n}", n);
  let troubled = false, away = false, pause = 4000, timer, saving, filling = false;

  const keep = (form, body, url) => {
    const fields = own(form), said = Object.values(fields).flat().filter((value) => value.length > 2).join("\n");
    const asked = (find(".asked") || { textContent: "" }).textContent.trim().slice(0, 160);
    clearTimeout(saving);
    body.delete("csrfmiddlewaretoken");
    return write({
      n: now(), key: body.get("key"), place: place(), assignment: body.get("assignment"), url, body: body.toString(),
      asked, said,
    }).then(tell);
  };

  // Says how much waits; "received" is said by the server's own page.
  const status = async () => {
    const line = find("#unsent");
    const rows = (await all("outbox").catch(() => [])).filter((row) => row.place === place());
    const waiting = rows.filter((row) => !row.refused).length, refused = rows.length - waiting;
    if (!waiting && !away) troubled = troubled && !navigator.onLine;
    list(rows);
    if (!line) return;
    const said = [], told = find("#queue");  // the page of a pack says it by itself, with a network too
    if (troubled && waiting && !told) said.push(words("waiting", waiting));
    else if (troubled && !told) said.push(words("lost"));
    if (troubled && waiting && away) said.push(words("away"));
    if (refused) said.push(words("refused", refused));
    line.hidden = !said.length;
    const bar = find(".received");  // of the one before: beside one that waits it would be read as this one's
    if (bar && troubled && waiting) bar.hidden = true;
    if (said.length) line.querySelector("span").textContent = said.join(" · ");
    line.querySelector("button").hidden = !(troubled && waiting);
    const which = line.querySelector("a");  // a guest has no page of their own that could say
    if (which) which.hidden = !refused;
  };

  // Tries again by itself, each time a little later; at once when the network says that it is back.
  const send = async () => {
    clearTimeout(timer);
    const { received, stopped } = await flush().catch(() => ({ received: [], stopped: "later" }));
    away = stopped === "away" && troubled;
    if (stopped === "later") {
      troubled = true;
      timer = setTimeout(send, pause = Math.min(pause * 2, 60000));
    } else if (!stopped) { troubled = false; pause = 4000; }
    if (received.length && find("#said")) find("#said").textContent = words("received", received.length);
    const form = find("form[data-work]");
    if (form && find("#turn").dataset.here && received.includes(form.elements.key.value)) next();
    await status();
    document.dispatchEvent(new CustomEvent("minka:changed", { detail: received.length }));
    return { received, stopped };
  };

  const next = () => htmx.ajax("GET", find("#turn").dataset.here, { target: "#turn", swap: "outerHTML" });

  const failed = (event) => {
    troubled = true;
    const form = event.detail.requestConfig && event.detail.requestConfig.elt;
    if (form && form.matches("[data-work]")) form.dataset.waiting = "on";
    clearTimeout(timer);
    timer = setTimeout(send, pause);
    status();
  };

  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, parameters, path } = event.detail;
    if (!elt.matches("[data-work]") || path !== elt.getAttribute("hx-post")) return;  // a draft is no answer
    if (elt.dataset.waiting) {  // it is on its way already; another answer under its key would be none
      event.preventDefault();
      send();
      return;
    }
    parameters.client_at = new Date().toISOString();
    keep(elt, new URLSearchParams(Object.entries(parameters).flatMap(([name, value]) =>
      [].concat(value).map((each) => [name, each]))), path).catch(() => {});
  });

  // Where the network is slow, the way around it is shown: tasks that lie on the phone.
  let left = 0;
  const ours = (event) => event.detail.requestConfig.elt.matches("[data-work]");
  document.addEventListener("htmx:beforeRequest", (event) => { if (ours(event)) left = performance.now(); });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (find("#slow") && ours(event) && performance.now() - left > SLOW) find("#slow").hidden = false;
  });

  // What the server said of an answer is written down before the next turn asks whether it still waits.
  let written = Promise.resolve();
  document.addEventListener("htmx:beforeSwap", (event) => { written = answered(event).catch(() => {}); });

  const answered = async (event) => {
    const { xhr, requestConfig } = event.detail;
    const key = xhr.getResponseHeader("Minka-Received"), refused = xhr.getResponseHeader("Minka-Refused");
    if (!key && !refused) return;
    const row = await act("outbox", "get", key || requestConfig.parameters.key).catch(() => null);
    if (!row) return;
    if (key) await received_(row);
    else if (refused === "invalid") await drop("outbox", row.key);  // the form is back as it was typed
    else {
      const told = new DOMParser().parseFromString(xhr.responseText, "text/html").querySelector(".problem");
      await change(row.key, { refused: told ? told.textContent : refused });
    }
    troubled = false;
    tell();
    status();
  };

  // An answer to a work form that is no turn: the session ended, or the token is old. What was sent is written down.
  document.addEventListener("minka:unturned", (event) => {
    if (!event.detail.requestConfig.elt.matches("[data-work]")) return;
    event.preventDefault();
    send().then(({ received }) => { if (!received.length) location.assign(location.pathname); });
  });

  for (const failure of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(failure, failed);
  document.addEventListener("htmx:responseError", (event) => { if (event.detail.xhr.status >= 500) failed(event); });
  addEventListener("online", send);
  addEventListener("offline", () => { troubled = true; status(); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") send();
    else { const form = find("form[data-work]"); if (form) save(form, true); }
  });
  if (air) air.onmessage = () => { status(); document.dispatchEvent(new CustomEvent("minka:changed", { detail: 0 })); };

  // Drafts ----------------------------------------------------------------------------------------------------------

  const OURS = ["csrfmiddlewaretoken", "assignment", "key", "seconds", "version", "choice", "client_at", "offline"];
  const own = (form) => {
    const fields = {};
    for (const [name, value] of new FormData(form)) {
      if (!OURS.includes(name)) (fields[name] = fields[name] || []).push(value);
    }
    return fields;
  };
  const same = (one, other) => JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
  const lists = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => [name, [].concat(value).map(String)]));
  const text = (fields) => Object.values(fields).flat().join("\n");

  const fill = (form, fields) => {
    filling = true;
    for (const box of form.elements) {
      if (!box.name || OURS.includes(box.name) || box.type === "submit" || box.type === "file") continue;
      const values = fields[box.name] || [];
      if (box.type === "radio" || box.type === "checkbox") box.checked = values.includes(box.value);
      else box.value = values[0] || "";
      box.dispatchEvent(new Event("input", { bubbles: true }));
    }
    filling = false;
  };

  const begun = (form) => {
    const fields = own(form), assignment = form.elements.assignment.value;
    const row = { id: `${place()}/${assignment}/${tab}`, place: place(), assignment, fields,
                  version: +form.elements.version.value, url: form.dataset.draft || "" };
    put("drafts", row).catch(() => {});
    clearTimeout(saving);
    saving = setTimeout(save, 1500, form);
  };

  const body = (row) => Object.entries({ assignment: [row.assignment], version: [row.version], ...row.fields })
    .flatMap(([name, values]) => values.map((value) => [name, value]));

  const save = async (form, leaving) => {
    clearTimeout(saving);
    if (!form.dataset.draft || form.dataset.waiting || !form.isConnected) return;
    if (form.saving) { form.again = true; return; }
    const id = `${place()}/${form.elements.assignment.value}/${tab}`;
    const row = await act("drafts", "get", id).catch(() => null);
    if (!row) return;
    form.saving = true;
    try {
      const { status: code, told } = await ask(form.dataset.draft, {
        method: "POST", keepalive: Boolean(leaving), body: new URLSearchParams(body({ ...row, version: form.elements.version.value })).toString(),
        headers: { "Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      });
      if (told.version) {
        form.elements.version.value = told.version;
        const now = await act("drafts", "get", id);
        if (now && same(now.fields, row.fields)) await drop("drafts", id);
        else if (now) await put("drafts", { ...now, version: told.version });
      } else if (code === 409 && told.code === "newer_draft") choose(form, told.errors.version, [own(form), lists(told.errors.fields)]);
    } catch { /* it is written down here */ } finally { form.saving = false; }
    if (form.again) { form.again = false; saving = setTimeout(save, 1500, form); }
  };

  // Two texts of one answer: both are shown, and whoever wrote them says which to go on with.
  const choose = (form, version, texts) => {
    const sheet = find("#texts"), box = form.parentNode.querySelector(".texts");
    if (box) box.remove();
    form.elements.version.value = Math.max(version, +form.elements.version.value);
    if (!sheet || !form.querySelector("textarea, input[type=text], input:not([type])")) {
      begun(form);  // nothing was written: what is on the screen stands
      return;
    }
    const shown = sheet.content.firstElementChild.cloneNode(true), line = shown.querySelector("li");
    texts.forEach((fields, place) => {
      const one = place ? line.cloneNode(true) : line;
      one.querySelector("pre").textContent = text(fields);
      one.querySelector("b").hidden = place > 0;
      one.querySelector("button").addEventListener("click", () => {
        fill(form, fields);
        shown.remove();
        forget(form).then(() => begun(form));
        (form.querySelector("textarea, input:not([type=hidden])") || form).focus();
      });
      if (place) line.parentNode.append(one);
    });
    form.before(shown);
    shown.focus();
  };

  const forget = async (form) => {
    for (const row of await all("drafts")) {
      if (row.place === place() && row.assignment === form.elements.assignment.value) await drop("drafts", row.id);
    }
  };

  const restore = async (form) => {
    const assignment = form.elements.assignment.value, version = +form.elements.version.value, shown = own(form);
    const rows = (await all("drafts")).filter((row) => row.place === place() && row.assignment === assignment);
    const other = rows.filter((row) => !same(row.fields, shown));
    const texts = other.map((row) => row.fields).filter((fields, place, list) => list.findIndex((each) => same(each, fields)) === place);
    if (!same(own(form), shown)) return;  // somebody types already
    if (texts.length === 1 && other.every((row) => row.version >= version)) {
      fill(form, texts[0]);
      if (!same(own(form), texts[0])) return;  // the form has no place for all of it: it stays written down
      await forget(form);
      begun(form);
    } else if (texts.length) choose(form, version, version || text(shown) ? [shown, ...texts] : texts);
  };

  for (const touch of ["input", "change"]) {
    document.addEventListener(touch, (event) => {
      const form = event.target.closest && event.target.closest("form[data-work]");
      if (form && !filling && !OURS.includes(event.target.name)) begun(form);
    });
  }

  // What waits, told one by one on the person's own page -------------------------------------------------------------

  const list = (rows) => {
    const section = find("#phone");
    if (!section) return;
    section.hidden = !rows.length;
    const rest = section.querySelector("ul"), line = section.querySelector("template").content.firstElementChild;
    rest.replaceChildren ? rest.replaceChildren() : rest.textContent = "";
    for (const row of rows) {
      const one = line.cloneNode(true);
      one.querySelector(".said").textContent = row.asked;
      one.querySelector("pre").textContent = row.said;
      one.querySelector("pre").hidden = !row.said;
      one.querySelector(row.refused ? ".waits" : ".stays").hidden = true;
      one.querySelector(".why").textContent = row.refused || row.why || "";
      one.querySelector("button").hidden = !row.refused;
      one.querySelector("button").addEventListener("click", () => drop("outbox", row.key).then(status));
      rest.append(one);
    }
  };

  // Logging out empties the browser: whoever has something here that was not sent is asked first.
  const leave = find("form.leave");
  if (leave) leave.addEventListener("submit", async (event) => {
    if (leave.dataset.sure) return;
    event.preventDefault();
    const go = () => { leave.dataset.sure = "on"; clear().catch(() => {}).then(() => leave.submit()); };
    const left = async () => (await Promise.all([all("outbox"), all("drafts")])).flat().length;
    if (!await left().catch(() => 0)) { go(); return; }
    const box = find("#leaving");
    if (!box.showModal) { if (confirm(box.querySelector("h2").textContent)) go(); return; }
    box.onclick = async (click) => {
      const what = click.target.value;
      if (what === "lose") go();
      if (what === "stay") box.close();
      if (what !== "send") return;
      await send();
      await drafts();
      if (await left()) box.querySelector("[role=alert]").hidden = false;
      else go();
    };
    box.showModal();
  });

  const drafts = async () => {
    const here = (await ask("/who/", {}).catch(() => ({ told: {} }))).told;
    for (const row of await all("drafts")) {
      if (!row.url || row.place !== here.place) continue;
      const { told } = await post(row.url, body(row), here.token).catch(() => ({ told: {} }));
      if (told.version) await drop("drafts", row.id);
    }
  };

  const begin = async () => {
    const form = find("form[data-work]");
    if (form) {
      const sent = (await all("outbox")).some((row) => row.assignment === form.elements.assignment.value && !row.refused);
      if (sent) {  // answered already, before the tab was killed: what is on the screen waits for that
        form.dataset.waiting = "on";
        form.elements.key.value = (await all("outbox")).find((row) => row.assignment === form.elements.assignment.value).key;
      } else await restore(form);
    }
  };
  for (const arrival of ["htmx:afterSwap", "minka:arrived"]) {
    document.addEventListener(arrival, () => { written.then(begin).catch(() => {}); });
  }
  const line = find("#unsent button");
  if (line) line.addEventListener("click", send);

  // Who was here last: away from the network nobody else can say whose pack may be shown.
  const remember = (owner) => act("here", "put", { id: "place", place: owner });
  const last = async () => ((await act("here", "get", "place")) || { place: "" }).place;
  if (place()) remember(place()).catch(() => {});

  self.outbox = { all, put, drop, ask, keep, takeBack, send, remember, last };  // for pack.js
  begin().then(send, () => {});
})();
