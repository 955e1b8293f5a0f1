//! The host screen: opens the socket, shows what comes, and gives the host's three orders.

import { $, broken } from "../parts/page.js";
import "../parts/language-switch.js";
import { speak, words } from "../words.js";
import { connect } from "./connection.js";
import { show } from "./screen.js";

const code = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const secret = location.hash.slice(1);
let view = null;
let link = secret ? "connecting" : { refused: { why: "no_secret" } };
let send = () => {};

await speak();
document.addEventListener("words", draw);
draw();
if (secret) {
  send = connect(code, secret, {
    onView: it => {
      view = it;
      draw();
    },
    onLink: it => {
      link = it;
      // A view follows at once where there is a connection.
      if (it !== "online") draw();
    },
  });
}

function draw() {
  try {
    show(words, view, link);
  } catch (error) {
    broken(error);
    throw error;
  }
}

$("start").addEventListener("click", () => send("start"));
$("pause").addEventListener("click", () => send("pause"));
$("stop").addEventListener("click", () => $("sure").showModal());
$("sure").addEventListener("close", () => {
  if ($("sure").returnValue === "stop") send("stop");
  $("sure").returnValue = "";
});

// What is high enough for the picture changes with the window.
addEventListener("resize", () => view && draw());
// Another secret in the same tab.
addEventListener("hashchange", () => location.reload());
$("zoom").addEventListener("click", zoom);
addEventListener("keydown", event => {
  if (event.key === "Escape" && document.body.classList.contains("zoomed")) zoom();
});
document.addEventListener("fullscreenchange", () => {
  if (!document.fullscreenElement) document.body.classList.remove("zoomed");
});

function zoom() {
  const isZoomed = document.body.classList.toggle("zoomed");
  // Where full screen is refused, the code still fills the window.
  if (isZoomed) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
}
