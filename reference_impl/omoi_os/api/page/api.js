// Talks to the platform in the name of whoever is logged in.

const ACCESS = "omoi.token";
const REFRESH = "omoi.refresh";

/** The platform refused; the message is what its problem document says. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The platform answered ${status}.`);
    this.status = status;
    this.title = problem.title ?? "The platform refused";
    this.problem = problem;
  }
}

export const loggedIn = () => sessionStorage.getItem(ACCESS) !== null;

/** Forget who is logged in. */
export function logOut() {
  sessionStorage.removeItem(ACCESS);
  sessionStorage.removeItem(REFRESH);
}

/** Trade address and password for tokens; raises Refused. */
export async function logIn(email, password) {
  keep(await answered(await send("POST", "/auth/login", { email, password })));
}

export const get = (path) => call("GET", path);
export const post = (path, document = undefined) => call("POST", path, document);
export const patch = (path, document) => call("PATCH", path, document);

/** Open a stream that the platform keeps writing to; raises Refused. */
export async function open(path, headers, signal) {
  const response = await authorized(() => send("GET", path, undefined, { headers, signal }));
  if (!response.ok) await answered(response);
  return response.body;
}

async function call(method, path, document) {
  return answered(await authorized(() => send(method, path, document)));
}

/** Send once more with a fresh token when the token at hand has run out. */
async function authorized(sending) {
  const response = await sending();
  return response.status === 401 && (await renew()) ? sending() : response;
}

function send(method, path, document, { headers = {}, signal } = {}) {
  const token = sessionStorage.getItem(ACCESS);
  const all = { ...headers };
  if (token) all.Authorization = `Bearer ${token}`;
  if (document !== undefined) all["Content-Type"] = "application/json";
  const body = document === undefined ? undefined : JSON.stringify(document);
  return fetch(`/api/v1${path}`, { method, headers: all, body, signal, cache: "no-store" });
}

async function answered(response) {
  const text = await response.text();
  const document = text ? JSON.parse(text) : null;
  if (!response.ok) throw new Refused(response.status, document ?? {});
  return document;
}

async function renew() {
  const refresh_token = sessionStorage.getItem(REFRESH);
  if (!refresh_token) return false;
  const response = await send("POST", "/auth/refresh", { refresh_token });
  if (response.ok) keep(await response.json());
  return response.ok;
}

function keep(tokens) {
  sessionStorage.setItem(ACCESS, tokens.access_token);
  sessionStorage.setItem(REFRESH, tokens.refresh_token);
}
