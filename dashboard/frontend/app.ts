// The browser's part of the pages. Everything works on what the server has rendered.

import htmx from "htmx.org";

import { startClocks } from "./clock";
import { startCurtain } from "./curtain";
import { startForms } from "./desk";
import { startHolding } from "./held";
import { startKeys } from "./keys";
import { startLive } from "./live";
import { startNotices } from "./notices";
import { startPatches } from "./patch";
import { startPlayers } from "./player";
import { startRoster } from "./roster";
import { startUnits } from "./units";
import { startWall } from "./wall";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx;

function startPage(): void {
  if (matchMedia("(max-width: 999px)").matches) {
    for (const part of document.querySelectorAll<HTMLDetailsElement>("details.fold")) part.open = false;
  }
  startPlayers();
  startRoster();
}

startPatches();
startWall();
startClocks();
startNotices();
startKeys();
startCurtain();
startHolding();
startForms();
startUnits();
startLive();
startPage();
document.body.addEventListener("page:came", startPage);
if (document.querySelector("#phone")) void import("./phone").then((phone) => phone.startPhone());
