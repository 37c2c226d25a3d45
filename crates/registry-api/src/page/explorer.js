// @ts-check
/** The explorer: follows the log, and checks what it shows. */

import { canHash } from "./checks.js";
import { closeDetail, showDid, showEntry } from "./detail.js";
import { byId, element, fill, shortened } from "./dom.js";
import { Entries } from "./entries.js";
import { Alarmed, Keeper } from "./keeper.js";
import { checkCosignature, parseCheckpoint, toHex, witnessesOf } from "./note.js";
import { server } from "./server.js";
import { age, aging, counted, say } from "./words.js";

const keeper = new Keeper(localStorage, server);
const entries = new Entries();
/** @type {import("./note.js").Key[]} */
let witnesses = [];
/** How many entries this browser knew when the page was opened; none at the first visit. @type {number | null | undefined} */
let knew;

/**
 * A loud warning that stays. What was kept is not given up.
 *
 * @param {Alarmed} alarmed
 */
function alarm({ alarm: kind, detail }) {
  // The first one says most: what comes after it follows from it.
  if (document.body.dataset["alarm"] !== undefined) return;
  const evidence = Object.entries({ alarm_kept: detail.kept, alarm_shown: detail.shown }).filter(([, text]) => text);
  byId("state").dataset["state"] = "bad";
  document.body.dataset["alarm"] = kind;
  const broken = kind === "shrunk" || kind === "fork";
  byId("fact-signature").textContent = say(broken ? "unchecked" : "outcome_bad");
  byId("fact-history").textContent = say(broken ? "history_broken" : "unchecked");
  const forget = element("button", { type: "button", click: () => (keeper.forget(), location.reload()) }, say("forget"));
  fill(
    byId("alarm"),
    element("h2", {}, say("alarm_title")),
    element("p", {}, say(`alarm_${kind}`)),
    evidence.length > 0 ? element("p", {}, say("alarm_keep")) : null,
    ...evidence.map(([name, text]) => element("details", {}, element("summary", {}, say(name)), element("pre", { tabindex: "0" }, text))),
    kind === "signature" || kind === "malformed" ? null : element("p", { class: "forget" }, say("alarm_forget"), " ", forget),
  );
}

/** @param {string} printed @param {number} unpublished */
async function showHead(printed, unpublished) {
  if (!canHash()) return showUnhashed(printed, unpublished);
  try {
    const head = await keeper.accept(printed);
    // What was wrong before stays wrong.
    if (document.body.dataset["alarm"] !== undefined) return;
    const { checkpoint, signature, grownFrom } = head;
    byId("state").dataset["state"] = signature === "good" ? "good" : "unchecked";
    byId("fact-signature").textContent = say(`signature_${signature}`);
    if (knew === undefined) knew = grownFrom;
    byId("fact-history").textContent = historyText(knew, checkpoint.size);
    showNumbers(checkpoint, unpublished);
    await showWitnesses(checkpoint);
  } catch (error) {
    if (error instanceof Alarmed) alarm(error);
    else byId("fact-history").textContent = say("history_failed");
  }
}

/** @param {number | null} from @param {number} size */
function historyText(from, size) {
  if (from === null) return say("history_first");
  return from === size ? say("history_same") : say("history_grown", counted(from));
}

/** @param {string} printed @param {number} unpublished */
function showUnhashed(printed, unpublished) {
  byId("fact-signature").textContent = say("nohash");
  byId("fact-history").textContent = say("nohash");
  showNumbers(parseCheckpoint(printed), unpublished);
}

/** @param {import("./note.js").Checkpoint} checkpoint @param {number} unpublished */
function showNumbers(checkpoint, unpublished) {
  byId("fact-size").textContent = counted(checkpoint.size);
  byId("fact-root").textContent = toHex(checkpoint.root);
  byId("fact-unpublished").textContent = unpublished === 0 ? say("unpublished_none") : say("unpublished_some", counted(unpublished));
  entries.cover(checkpoint.size);
}

/** @param {import("./note.js").Checkpoint} checkpoint */
async function showWitnesses(checkpoint) {
  if (witnesses.length === 0) {
    byId("fact-witnesses").textContent = say("no_witnesses");
    return;
  }
  const rows = await Promise.all(witnesses.map(async (key) => {
    const { verdict, at } = await checkCosignature(checkpoint, key);
    const time = at === undefined ? null : aging(new Date(at * 1000).toISOString());
    return element("li", { "data-verdict": verdict }, element("b", {}, key.name), " ", say(`witness_${verdict}`), " ", time);
  }));
  fill(byId("fact-witnesses"), element("ul", {}, rows));
}

/** @param {number} from */
function follow(from) {
  const link = byId("link");
  /** @param {string} state */
  const show = (state) => {
    link.dataset["link"] = state;
    link.textContent = say(state);
  };
  show("connecting");
  const events = new EventSource(`/events?from=${from}`);
  events.addEventListener("open", () => show("live"));
  events.addEventListener("error", () => {
    show("offline");
    // A refused stream is not tried again by the browser.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => follow(entries.next), 3000);
  });
  events.addEventListener("entry", (event) => {
    const served = JSON.parse(/** @type {MessageEvent} */ (event).data);
    entries.arrive(served);
    const waiting = Math.max(0, entries.next - entries.covered);
    byId("fact-unpublished").textContent = waiting === 0 ? say("unpublished_none") : say("unpublished_some", counted(waiting));
    showLast();
  });
  events.addEventListener("checkpoint", (event) => {
    const { checkpoint } = JSON.parse(/** @type {MessageEvent} */ (event).data);
    void showHead(checkpoint, Math.max(0, entries.next - sizeOf(checkpoint)));
  });
}

/** @param {string} printed */
function sizeOf(printed) {
  try {
    return parseCheckpoint(printed).size;
  } catch {
    return 0;
  }
}

function showLast() {
  const time = byId("list").querySelector("time");
  fill(byId("fact-last"), time ? aging(time.dateTime) : say("none"));
}

/** Opens what the address names. */
function route() {
  const [, kind, ...rest] = location.hash.slice(1).split("/");
  const name = decodeURIComponent(rest.join("/"));
  if (kind === "entry" && /^\d{1,15}$/.test(name)) void showEntry(keeper, Number(name));
  else if (kind === "did" && name.startsWith("did:")) void showDid(keeper, name);
  else closeDetail();
}

/** @param {string} text */
function search(text) {
  const wanted = text.trim();
  const found = /^\d{1,15}$/.test(wanted) ? `#/entry/${wanted}` : /^did:[a-z0-9]+:\S+$/.test(wanted) ? `#/did/${wanted}` : null;
  byId("find-problem").textContent = found === null ? say("find_bad") : "";
  if (found === location.hash) route();
  else if (found !== null) location.hash = found;
}

async function start() {
  window.addEventListener("hashchange", route);
  setInterval(age, 1000);
  const field = /** @type {HTMLInputElement} */ (byId("find-text"));
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    search(field.value);
  });
  const log = await server.json("/log");
  fill(byId("fact-key"), shortened(log.vkey, 200));
  witnesses = witnessesOf(log.policy);
  try {
    keeper.meet(log.vkey);
  } catch (error) {
    if (error instanceof Alarmed) alarm(error);
  }
  const next = await entries.start();
  const printed = await server.text("/checkpoint");
  await showHead(printed, Math.max(0, next - sizeOf(printed)));
  showLast();
  follow(next);
  if (field.value !== "" && location.hash === "") search(field.value);
  else route();
}

start().catch(() => {
  const link = byId("link");
  link.dataset["link"] = "offline";
  link.textContent = say("failed");
});
