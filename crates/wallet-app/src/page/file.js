// @ts-check
/** Reads a chosen file into the text field that the button names, in base64url. Nothing leaves the page. */

for (const input of document.querySelectorAll("input[type=file][id$=-picker]")) {
  if (!(input instanceof HTMLInputElement)) continue;
  const field = document.getElementById(input.id.replace(/-picker$/, ""));
  if (!(field instanceof HTMLTextAreaElement)) continue;
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    field.value = btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  });
}
