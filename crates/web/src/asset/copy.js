// @ts-check
/** Buttons that copy the text of the element they name. */

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement) || !navigator.clipboard) continue;
  const label = button.textContent ?? "";
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy ?? "");
    try {
      await navigator.clipboard.writeText(source?.textContent ?? "");
    } catch {
      return;
    }
    button.textContent = button.dataset.done ?? label;
    setTimeout(() => { button.textContent = label; }, 2000);
  });
}
