// Through a queue with the keyboard: j and k move, x ticks, Enter opens what has the focus, as everywhere.
"use strict";
const rows = [...document.querySelectorAll("[data-queue] [data-row]")];
let place = -1;

function go(to) {
  if (!rows.length) return;
  rows[place]?.classList.remove("here");
  place = Math.min(rows.length - 1, Math.max(0, to));
  rows[place].classList.add("here");
  rows[place].querySelector("a").focus();
}

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "j") go(place + 1);
  if (event.key === "k") go(place - 1);
  if (event.key === "x" && place >= 0) rows[place].querySelector("input[type=checkbox]")?.click();
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest("[data-row]");
  if (!row) return;
  rows[place]?.classList.remove("here");
  place = rows.indexOf(row);
  row.classList.add("here");
});
