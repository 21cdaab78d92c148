// Under a text that is being written: how long it is, and word by word what changes. The page works without it.
(() => {
  const MOST = 1500;
  const words = (text) => text.match(/[\p{L}\p{M}\p{N}_]+|\s+|[^\p{L}\p{M}\p{N}_\s]/gu) ?? [];

  // The longest common row of words, in a table; texts that differ in too many are shown as two texts.
  const changes = (before, after) => {
    const a = words(before), b = words(after), found = [];
    let start = 0, end = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
    while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
    const x = a.slice(start, a.length - end), y = b.slice(start, b.length - end);
    const add = (sign, word) => {
      const last = found[found.length - 1];
      if (last && last[0] === sign) last[1] += word; else found.push([sign, word]);
    };
    add("=", a.slice(0, start).join(""));
    if (Math.max(x.length, y.length) > MOST) { add("-", x.join("")); add("+", y.join("")); } else {
      const wide = y.length + 1, table = new Uint16Array((x.length + 1) * wide);
      for (let i = x.length - 1; i >= 0; i -= 1) for (let j = y.length - 1; j >= 0; j -= 1) {
        table[i * wide + j] = x[i] === y[j] ? table[(i + 1) * wide + j + 1] + 1
          : Math.max(table[(i + 1) * wide + j], table[i * wide + j + 1]);
      }
      let i = 0, j = 0;
      while (i < x.length || j < y.length) {
        if (i < x.length && j < y.length && x[i] === y[j]) { add("=", x[i]); i += 1; j += 1; }
        else if (i < x.length && (j === y.length || table[(i + 1) * wide + j] >= table[i * wide + j + 1])) { add("-", x[i]); i += 1; }
        else { add("+", y[j]); j += 1; }
      }
    }
    add("=", a.slice(a.length - end).join(""));
    return found;
  };

  const show = (field) => {
    const editor = field.closest(".editor");
    const counted = editor.querySelector("[data-counted]"), length = [...field.value].length;
    counted.textContent = length.toLocaleString(document.documentElement.lang);
    counted.classList.toggle("over", length > Number(field.dataset.count));
    const given = editor.querySelector("[data-given]");
    if (!given) return;
    const changed = given.value !== field.value;
    editor.querySelector("[data-unchanged]").hidden = changed;
    editor.querySelector("[data-changes]").replaceChildren(...(changed ? changes(given.value, field.value) : []).map(([sign, text]) => {
      if (sign === "=") return document.createTextNode(text);
      const mark = document.createElement(sign === "+" ? "ins" : "del");
      mark.textContent = text;
      return mark;
    }));
  };

  let timer;
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-count]")) return;
    clearTimeout(timer);
    timer = setTimeout(show, 150, event.target);
  });
})();
