// Small helps on top of pages that work without it: keys for the vote, the time it took, focus after a swap.
(() => {
  const keys = { 1: "a2", 2: "a1", 3: "tie", 4: "b1", 5: "b2", 6: "both_good", 7: "both_bad" };
  let since = performance.now();
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const button = document.querySelector(`[data-vote] button[value="${keys[event.key]}"]`);
    if (button) button.click();
  });
  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-vote]");
    if (form) form.elements.seconds.value = ((performance.now() - since) / 1000).toFixed(1);
  }, true);
  document.addEventListener("htmx:afterSwap", () => {
    since = performance.now();
    const question = document.querySelector("#turn .question");
    if (question) { question.focus({ preventScroll: true }); window.scrollTo(0, 0); }
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && event.detail.xhr.status < 500) event.detail.shouldSwap = true;
  });
})();
