// @ts-check
/** Reads QR codes into the field `link`, where the browser can: by camera or from a picture. Nothing leaves the page. */

const field = document.getElementById("link");
const told = document.querySelector("[data-scan-told]");
const Detector = /** @type {any} */ (globalThis).BarcodeDetector;

/** @param {string | undefined} text */
function tell(text) {
  if (told instanceof HTMLElement) told.textContent = text ?? "";
}

/** @param {string} code */
function found(code) {
  if (!(field instanceof HTMLTextAreaElement)) return;
  field.value = code;
  field.focus();
  if (told instanceof HTMLElement) tell(told.dataset.found);
}

/** @param {any} detector @param {HTMLButtonElement} button */
async function camera(detector, button) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  button.after(video);
  await video.play();
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
    video.remove();
  };
  const end = Date.now() + 60_000;
  const look = async () => {
    const codes = await detector.detect(video);
    if (codes.length > 0) { stop(); found(codes[0].rawValue); return; }
    if (Date.now() > end) { stop(); if (told instanceof HTMLElement) tell(told.dataset.none); return; }
    setTimeout(look, 200);
  };
  await look();
}

/** @param {any} detector */
function picture(detector) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = "image/*";
  input.addEventListener("change", async () => {
    const file = input.files?.[0];
    if (!file) return;
    const codes = await detector.detect(await createImageBitmap(file));
    if (codes.length > 0) found(codes[0].rawValue);
    else if (told instanceof HTMLElement) tell(told.dataset.none);
  });
  input.click();
}

if (Detector && (await Detector.getSupportedFormats()).includes("qr_code")) {
  const detector = new Detector({ formats: ["qr_code"] });
  for (const button of document.querySelectorAll("button[data-scan]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    if (button.dataset.scan === "camera" && !navigator.mediaDevices) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      try {
        if (button.dataset.scan === "camera") await camera(detector, button);
        else picture(detector);
      } catch {
        if (told instanceof HTMLElement) tell(told.dataset.none);
      }
    });
  }
}
