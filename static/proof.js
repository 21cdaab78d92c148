// The proof of work of the page for joining: a number is searched whose SHA-256 was given. Begins when the form is first
// touched, so that it is there before the button is pressed. Where the browser cannot, the form goes as it is.
(() => {
  const form = document.querySelector("[data-proof]");
  if (!form || !crypto.subtle) return;
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let search;

  const solve = async () => {
    const task = await (await fetch(form.dataset.proof)).json();
    const text = new TextEncoder();
    for (let number = 0; number <= task.maxNumber; number++) {
      if (hex(await crypto.subtle.digest("SHA-256", text.encode(task.salt + number))) === task.challenge) {
        form.elements.proof.value = btoa(JSON.stringify({ ...task, number }));
        return;
      }
    }
  };
  const begin = () => { search ??= solve().catch(() => {}); return search; };

  form.addEventListener("focusin", begin, { once: true });
  form.addEventListener("submit", async (event) => {
    if (form.elements.proof.value) return;
    event.preventDefault();
    form.querySelector("[data-working]").hidden = false;
    await begin();
    form.submit();
  });
})();
