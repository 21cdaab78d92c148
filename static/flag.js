// Under an answer that is flagged: what is selected in it becomes the words that are wrong, and of all groups those are
// shown that a ticked category is usually against. The page works without it: words can be typed, all groups are there.
(() => {
  const text = () => document.querySelector("[data-flagged]");

  // A browser counts in UTF-16, the house in characters.
  const take = () => {
    const field = text(), form = field.form, { selectionStart: start, selectionEnd: end } = field;
    const words = field.value.slice(start, end);
    if (!words.trim()) return;
    const lead = words.length - words.trimStart().length;
    form.elements.words.value = words.trim();
    form.elements.begins.value = [...field.value.slice(0, start + lead)].length;
    form.elements.words.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const usual = (form) => new Set([...form.querySelectorAll("[data-groups]")]
    .filter((label) => label.querySelector("input").checked)
    .flatMap((label) => label.dataset.groups.split(" ").filter(Boolean)));

  const narrow = () => {
    const field = text();
    if (!field) return;
    const box = field.form.querySelector("[data-of-category]"), all = box.querySelector("[data-all]");
    const shown = usual(field.form), whole = box.dataset.whole === "1";
    let away = 0;
    box.querySelectorAll("label").forEach((label) => {
      const input = label.querySelector("input");
      label.hidden = !whole && !input.checked && !shown.has(input.value);
      away += label.hidden ? 1 : 0;
    });
    box.hidden = !whole && shown.size === 0 && !box.querySelector(":checked, .errorlist");
    all.hidden = away === 0;
  };

  const grow = () => {
    const field = text();
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, innerHeight * (innerWidth < 960 ? 0.32 : 0.5))}px`;
  };

  // In a field that is only read Chrome moves no caret by key, so it is one that is written in, where nothing changes.
  const open = () => {
    const field = text();
    if (!field) return;
    field.readOnly = false;
    field.inputMode = "none";
    field.setAttribute("aria-readonly", "true");
  };

  const begin = () => { open(); narrow(); grow(); };

  document.addEventListener("beforeinput", (event) => { if (event.target === text()) event.preventDefault(); });

  document.addEventListener("selectionchange", () => { if (document.activeElement === text()) take(); });
  document.addEventListener("select", (event) => { if (event.target === text()) take(); }, true);
  document.addEventListener("change", (event) => { if (event.target.closest("[data-groups]")) narrow(); });
  document.addEventListener("click", (event) => {
    const all = event.target.closest("[data-all]");
    if (!all) return;
    all.closest("[data-of-category]").dataset.whole = "1";
    narrow();
  });
  document.addEventListener("input", (event) => {
    if (event.target === text()) event.target.value = event.target.defaultValue; // what an input method puts in all the same
    // Typed words say themselves where they stand.
    if (event.isTrusted && event.target.name === "words" && event.target.form?.elements.begins) event.target.form.elements.begins.value = "";
  });
  document.addEventListener("htmx:afterSwap", begin);
  addEventListener("resize", grow);
  begin();
})();
