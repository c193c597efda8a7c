// A browser before the workbench, and the few things a person does in one. Everything waits for what it needs.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export const said = JSON.parse(process.argv[2]);
const { chromium } = createRequire(path.join(said.tools, "package.json"))("playwright-core");

const WAIT_MS = 60_000;
const started = Date.now();

/** Say what was reached, with the seconds since the start. */
export function reached(what) {
  console.log(`${((Date.now() - started) / 1000).toFixed(1).padStart(6)} s  ${what}`);
}

/** Run a story in a fresh browser. What goes wrong leaves a picture beside the settings. */
export async function story(act) {
  const browser = await chromium.launch({
    executablePath: said.browser,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  page.setDefaultTimeout(WAIT_MS);
  try {
    await page.goto(`${said.url}/?folder=${encodeURIComponent(said.folder)}`);
    await act(page);
    reached("the end");
  } catch (error) {
    const picture = path.join(path.dirname(said.settings), "failure.png");
    await page.screenshot({ path: picture }).catch(() => undefined);
    console.error(`${error.stack}\nthe screen then: ${picture}`);
    process.exitCode = 1;
  } finally {
    await browser.close();
  }
}

export async function answerTrust(page, button) {
  const dialog = page.locator(".monaco-dialog-box");
  await dialog.waitFor();
  await dialog.getByRole("button", { name: button }).click();
  await dialog.waitFor({ state: "detached" });
}

/** Open a file by its name and wait until it can be typed in. */
export async function openFile(page, name) {
  await page.keyboard.press("Control+P");
  await typeInto(page, name);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(".tab.active", { hasText: name }).waitFor();
  await page.locator(".monaco-editor .view-line").first().waitFor();
}

/** Put the cursor to where some words stand in a file of the shop. */
export async function goTo(page, name, words) {
  const lines = readFileSync(path.join(said.folder, "shop", name), "utf8").split("\n");
  const line = lines.findIndex((one) => one.includes(words));
  await page.keyboard.press("Control+G");
  await typeInto(page, `:${line + 1}:${lines[line].indexOf(words) + 1}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}

/** Run a command of the palette. */
export async function command(page, title) {
  await page.keyboard.press("F1");
  await typeInto(page, `>${title}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
}

/** The one notification with these words on it. */
export function notification(page, words) {
  return page.locator(".notifications-toasts .notification-list-item", { hasText: words }).first();
}

/** What a webview shows: the document inside of its two frames. */
export function webview(page) {
  return page.frameLocator("iframe.webview.ready").frameLocator("#active-frame");
}

/** The lines of the editor that are on screen, as text. */
export async function shown(page) {
  const lines = await page.locator(".editor-instance .view-line").allInnerTexts();
  return lines.join("\n").replaceAll("\u00a0", " ");
}

/** Wait until something holds of the page, with a deadline. */
export async function until(page, what, holds, wait = WAIT_MS) {
  const deadline = Date.now() + wait;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

/** Take a picture for the documentation, where pictures are wanted. */
export async function picture(page, name) {
  if (!said.pictures) return;
  await page.screenshot({ path: path.join(said.pictures, `${name}-${said.theme}.png`) });
}

/** What the status bar says of Paceline. */
export async function state(page) {
  const item = page.locator(".statusbar-item", { hasText: "Paceline" });
  await item.waitFor();
  return (await item.innerText()).trim();
}

/** The processes of our language server: Paceline's home tells them from others. */
export function processes() {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
        const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
        return { pid: Number(name), words, isOurs: environment.includes(`PACELINE_HOME=${said.home}`) };
      } catch {
        return { pid: Number(name), words: [], isOurs: false }; // It has ended meanwhile.
      }
    })
    .filter(({ words, isOurs }) => isOurs && words.some((word) => word.startsWith("paceline")));
}

async function typeInto(page, text) {
  const input = page.locator(".quick-input-widget input.input");
  await input.waitFor();
  await input.fill(text);
}
