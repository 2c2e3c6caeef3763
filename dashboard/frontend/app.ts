// The browser's part of the pages. Everything works on what the server has rendered.

import "./trusted";

import htmx from "htmx.org";

import { startCheckAll } from "./check_all";
import { startClocks } from "./clock";
import { startCurtain } from "./curtain";
import { startForms } from "./desk";
import { startFiles } from "./files";
import { startHolding } from "./held";
import { startHere } from "./here";
import { startKeys } from "./keys";
import { startLive } from "./live";
import { startNotices } from "./notices";
import { startPatches } from "./patch";
import { startPasskeys } from "./passkey";
import { startPlayers } from "./player";
import { startRoster } from "./roster";
import { startKeptForm } from "./kept_form";
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
  startKeptForm();
  startFiles(htmx);
}

startPatches();
startWall();
startClocks();
startNotices();
startKeys();
startCurtain();
startHolding();
startHere();
startForms();
startUnits();
startCheckAll();
startPasskeys();
startLive();
startPage();
document.body.addEventListener("page:came", startPage);
if (document.querySelector("#phone")) void import("./phone").then((phone) => phone.startPhone());
