/* global outbox */
// A pack: turns that the server rendered, kept in the browser and worked through without a network. An answer goes from
// the pack into the outbox in one step, and from there as every answer does (`outbox.js`). The pack belongs to one
// account: it is shown while its owner was the last to be here, and never once the server said that nobody is.
(() => {
  const SLOW = 120000;
  const find = (selector) => document.querySelector(selector);
  const task = find("#task"), carried = find("#carried");
  let place = "", shown = "", note = "", received = 0, worked = false, done = {};

  const mine = async () => (await outbox.all("turns")).filter((row) => row.place === place);

  // A key of our own making (UUID, version 4).
  const key = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  // With the server's word the phone holds what it may hold: turns that are over leave it, those that are missing come.
  // False where something is missing still.
  const sync = async () => {
    const { told } = await outbox.ask("/pack/state/", {}).catch(() => ({ told: {} }));
    if (told.place === undefined) {
      place = await outbox.last();
      return true;
    }
    place = told.place;
    note = told.note || "";
    await outbox.remember(place);
    if (!place) return true;
    for (const row of await mine()) if (!told.seats.includes(row.assignment)) await leave(row);
    return fetchMissing(told.seats);
  };

  const fetchMissing = async (seats) => {
    const waiting = [...await mine(), ...await outbox.all("outbox")].map((row) => row.assignment);
    if (seats.every((seat) => waiting.includes(seat))) return true;
    const { told } = await outbox.ask("/pack/turns/", {}, SLOW).catch(() => ({ told: {} }));
    if (told.place !== place) return false;
    for (const turn of told.turns) if (!waiting.includes(turn.assignment)) await outbox.put("turns", { ...turn, place });
    return true;
  };

  // What was written to a turn that is gone stays to be read and copied, among what was not taken.
  const leave = async (row) => {
    worked = false;
    for (const draft of await outbox.all("drafts")) {
      if (draft.place !== place || draft.assignment !== row.assignment) continue;
      const said = Object.values(draft.fields).flat().join("\n"), refused = find("#unsent").dataset.gone;
      await outbox.put("outbox", { key: key(), place, assignment: row.assignment, url: "", body: "", asked: row.campaign,
                                   said, refused });
      await outbox.drop("drafts", draft.id);
    }
    await outbox.drop("turns", row.assignment);
  };

  // The page a pack is worked through on ------------------------------------------------------------------------------

  const count = async (rows) => {
    const line = find("#queue"), far = find(".far");
    const kept = (await outbox.all("outbox")).filter((row) => row.place === place && !row.refused), waiting = kept.length;
    far.textContent = rows.length ? far.dataset.words.replace("{n}", rows.length) : "";
    const said = [[line.dataset.waiting, waiting], [line.dataset.received, received]].filter(([, n]) => n);
    line.hidden = !said.length;
    line.classList.toggle("stays", waiting > 0);
    line.querySelector("button").hidden = !kept.some((row) => row.key === done.key);
    line.querySelector("span").textContent = said.map(([words, n]) => words.replace("{n}", n)).join(" · ");
    const told = find("#note"), late = rows.length && new Date(rows[0].until) < new Date();
    told.textContent = note || (late ? told.dataset.late : "");
    told.hidden = !told.textContent;
  };

  const show = async () => {
    const rows = place ? await mine() : [], row = rows[0];
    const waiting = (await outbox.all("outbox")).filter((each) => place && each.place === place).length;
    worked = worked || rows.length + waiting > 0;
    await count(rows);
    const when = row ? "" : !place ? "away" : worked ? "done" : "none";
    document.querySelectorAll("[data-when]").forEach((each) => { each.hidden = each.dataset.when !== when; });
    if (row && row.assignment === shown) return;
    find("#turn").dataset.place = place;
    shown = row ? row.assignment : "";
    task.innerHTML = row ? row.html : "";
    if (row) task.querySelector("form").elements.key.value = key();
    document.dispatchEvent(new Event("minka:arrived"));
    const first = row ? task.querySelector(".prompt") : find("[data-when]:not([hidden]) h1");
    if (first) first.focus();
  };

  const answer = async (form, button) => {
    const body = new FormData(form), facts = { client_at: new Date().toISOString(), offline: "on", anyway: "on" };
    const [turn] = (await mine()).filter((row) => row.assignment === shown);
    if (button && button.name) body.append(button.name, button.value);
    for (const [name, value] of Object.entries(facts)) body.set(name, value);
    try {
      await outbox.keep(form, new URLSearchParams(body), form.getAttribute("action"));
    } catch {
      find("#unkept").hidden = false;
      return;
    }
    find("#unkept").hidden = true;
    done = { turn, key: body.get("key") };
    await show();
    await outbox.send();
  };

  // The last answer, while it waits here. What was received is taken back at the table.
  const undo = async () => {
    const { turn, key: given } = done;
    done = {};
    if (turn && await outbox.takeBack(given, turn)) await show(); else await count(await mine());
  };

  const work = async () => {
    place = await outbox.last();
    if (place) await show();  // at once: the network may take its time to say that it is not there
    await outbox.send();
    await sync();
    await show();
  };

  if (task) {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (!task.contains(form)) return;
      event.preventDefault();
      if (form.dataset.waiting) return;  // a second tap on the way out
      form.dataset.waiting = "on";
      answer(form, event.submitter).finally(() => delete form.dataset.waiting);
    });
    // Something was sent, or another tab answered: its turn goes from here, unless something is written on it. Sent from here too, it is kept
    // with the reason why it was not taken.
    document.addEventListener("minka:changed", async (event) => {
      received += event.detail;
      if (!place) return;  // nobody is known to be here, or not yet
      const rows = await mine(), begun = (await outbox.all("drafts")).some((draft) => draft.assignment === shown);
      if (begun || rows.some((row) => row.assignment === shown)) await count(rows); else await show();
    });
    find("#queue button").addEventListener("click", undo);
    addEventListener("online", work);
    work().catch(() => {});
  }

  // The page of one's pack --------------------------------------------------------------------------------------------

  const workers = navigator.serviceWorker;  // eslint-disable-line compat/compat -- where there is none, that is said
  const bring = async () => {
    const say = (name, n) => { carried.textContent = carried.dataset[name].replace("{n}", n); };
    say("coming");
    try {
      const whole = await sync();
      await workers.register("/sw.js");
      if (!whole) throw new Error("missing");
      await workers.ready;
      say("here", (await mine()).length);
    } catch {
      say("later");
      addEventListener("online", bring, { once: true });
    }
  };
  if (!task) {
    if (!workers || !self.indexedDB) find("#unable").hidden = false;
    else if (carried) bring();
    else {
      if (find("#offers")) find("#offers").hidden = false;
      sync().catch(() => {});  // given back: nothing of it stays
    }
  }
})();
