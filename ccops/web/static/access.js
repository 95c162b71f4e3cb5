// The access token, kept for this tab, and requests that carry it.

import { t } from "./format.js";

const box = document.getElementById("access");
const form = document.getElementById("sign-in");
const listeners = [];
// Somebody else has ended it meanwhile, or another configuration is in force.
const GONE = new Set(["disturbance_unknown", "block_unknown", "line_unknown", "disturbance_reason_unknown"]);

/** What the server answers. Throws an Error whose message says what is wrong and what to do. */
export async function ask(path, body) {
  const headers = {};
  if (token()) headers.Authorization = `Bearer ${token()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  let answer;
  try {
    response = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, body: body && JSON.stringify(body) });
    answer = await response.json();
  } catch {
    throw new Error(t("access.failed"));
  }
  if (response.ok) return answer;
  if (response.status === 401) {
    const had = token();
    signOut();
    throw new Error(t(had ? "access.wrong" : "access.needed"));
  }
  throw new Error(refusal(answer.error));
}

/** Why the server refuses, in the reader's language where the catalogue has it, else in its own words. */
function refusal(error = {}) {
  const key = `refusal.${GONE.has(error.code) ? "gone" : error.code}`;
  if (t(key) !== key) return t(key);
  return [error.message, error.remedy].filter(Boolean).join(" ") || t("access.failed");
}

/** A change that is asked for, with the name of who asks. */
export async function command(path, body = {}) {
  if (!signedIn()) throw new Error(t("access.needed"));
  await ask(path, { ...body, by: name() ? `page:${name()}` : "page" });
  tellChanged();
}

export const signedIn = () => token() !== "";

/** Call `listener` whenever somebody has signed in or out, or has changed something. */
export function onChange(listener) {
  listeners.push(listener);
}

/** Show what went wrong in a form, or take it away. */
export function complain(within, message = "") {
  const place = within.querySelector(".error");
  place.textContent = message;
  place.hidden = message === "";
}

const token = () => sessionStorage.getItem("ccops-token") ?? "";
const name = () => sessionStorage.getItem("ccops-name") ?? "";

function signOut() {
  sessionStorage.removeItem("ccops-token");
  show();
}

function show() {
  box.dataset.state = signedIn() ? "in" : "out";
  document.getElementById("signed-in-as").textContent = t("access.signed_in", { name: name() });
  for (const button of document.querySelectorAll("[data-command]")) button.disabled = !signedIn();
  tellChanged();
}

function tellChanged() {
  for (const listener of listeners) listener();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  complain(form);
  // The header carries Latin letters only; whatever else was typed cannot be the token.
  const given = form.elements.token.value.trim();
  if (!/^[\x21-\x7e]+$/.test(given)) return complain(form, t("access.wrong"));
  sessionStorage.setItem("ccops-token", given);
  sessionStorage.setItem("ccops-name", form.elements.who.value.trim());
  try {
    await ask("/service/state");
    form.elements.token.value = "";
    show();
    // The form is gone: whoever works with the keyboard goes on from here.
    document.getElementById("sign-out").focus();
  } catch (error) {
    complain(form, error.message);
    sessionStorage.removeItem("ccops-token");
  }
});

document.getElementById("sign-out").addEventListener("click", () => {
  signOut();
  form.elements.token.focus();
});

form.elements.who.value = name();
// Once the page's own listeners are there.
queueMicrotask(show);
