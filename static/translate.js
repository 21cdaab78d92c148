// Under a translation: the signs a keyboard may lack. Without this they are not shown.
(() => {
  // The palette of the way of writing that is chosen; the first where none is.
  const show = () => {
    const way = document.querySelector("#id_orthography"), palettes = [...document.querySelectorAll("[data-palette]")];
    const shown = palettes.find((each) => way && each.dataset.palette === way.value) || palettes[0];
    for (const each of palettes) each.hidden = each !== shown;
  };

  // A finger on a sign leaves the cursor, and the keyboard of a phone, where they are.
  const sign = (event) => event.target.closest && event.target.closest("[data-palette] button");
  for (const touch of ["pointerdown", "mousedown"]) {
    document.addEventListener(touch, (event) => { if (sign(event)) event.preventDefault(); });
  }

  document.addEventListener("click", (event) => {
    const field = sign(event) && sign(event).form.elements.text;
    if (!field) return;
    const said = sign(event).textContent;
    field.setRangeText(event.shiftKey ? said.toLocaleUpperCase() : said, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("change", (event) => { if (event.target.id === "id_orthography") show(); });
  for (const arrival of ["htmx:afterSwap", "minka:arrived"]) document.addEventListener(arrival, show);
  show();
})();
