// The live page: follows the stream of pictures, says when it cannot.

import { watchWidth } from "./chart.js";
import { connection } from "./connection.js";
import { setText } from "./dom.js";
import { clockTime, t } from "./format.js";
import { banner, render } from "./render.js";
import { setting } from "./setting.js";
import { now, setClock, tick } from "./ticking.js";

const SILENCE = 8_000; // A picture comes at least every 2 s.
const RETRY = 3_000;

const title = document.title;

let source;
let heardAt = Date.now();
let lost = false;
let waiting = 0;

function open() {
  source?.close();
  heardAt = Date.now();
  source = new EventSource("/live/stream");
  source.addEventListener("picture", (event) => show(JSON.parse(event.data)));
  source.addEventListener("error", fail);
}

function show(picture) {
  // The configuration or ccops itself is another one: names and texts may be too.
  if (picture.revision !== setting.revision) return location.reload();
  heardAt = Date.now();
  setClock(picture.at);
  connection(picture.link_up ? "live" : "old", t(picture.link_up ? "page.live" : "page.old"));
  document.body.classList.remove("stale");
  document.body.classList.toggle("old", !picture.link_up);
  document.getElementById("page-banner")?.remove();
  lost = false;
  render(picture);
  announce(picture);
  tick();
}

function fail() {
  connection("lost", t("page.lost"));
  document.body.classList.add("stale");
  if (!lost) {
    lost = true;
    const box = document.createElement("div");
    box.id = "page-banner";
    box.className = "banners";
    box.setAttribute("role", "alert");
    box.append(banner("down", t("page.lost_message"), t("page.lost_remedy"), t("page.picture_of", { time: clockTime(now()) })));
    document.getElementById("banners").before(box);
  }
  // The browser tries again by itself, unless the server answered with an error.
  if (source.readyState === EventSource.CLOSED) setTimeout(open, RETRY);
}

/** Tell assistive technology about the queue, in few words and only when it changed. */
function announce(picture) {
  const count = picture.queues.reduce((sum, queue) => sum + queue.waiting.length, 0);
  document.title = count ? `(${count}) ${title}` : title;
  if (count === waiting) return;
  waiting = count;
  setText(document.getElementById("announcer"), count ? `${t("tile.waiting")}: ${count}` : t("waiting.empty"));
}

setInterval(() => {
  if (Date.now() - heardAt > SILENCE && source.readyState !== EventSource.CLOSED) {
    source.close();
    fail();
  }
  if (!lost) tick();
}, 1000);

watchWidth(document.getElementById("chart"));
open();
