// @ts-check
/** What the page asks the server. */

/** The server answered, but not with what was asked for. */
export class Refused extends Error {
  /** @param {number} status @param {any} problem */
  constructor(status, problem) {
    super(`status ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

/** @param {string} path */
async function ask(path) {
  const answer = await fetch(path, { cache: "no-cache", credentials: "omit", redirect: "error" });
  if (answer.ok) return answer;
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}

export const server = {
  /** @param {string} path @returns {Promise<any>} */
  json: async (path) => (await ask(path)).json(),
  /** @param {string} path */
  text: async (path) => (await ask(path)).text(),
  /** @param {string} path */
  bytes: async (path) => new Uint8Array(await (await ask(path)).arrayBuffer()),
};
