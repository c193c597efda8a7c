// From the trust prompt to the applied suggestion, and what is known afterwards.
import {
  answerTrust,
  command,
  goTo,
  notification,
  openFile,
  picture,
  reached,
  shown,
  state,
  story,
  until,
  webview,
} from "./workbench.mjs";

await story(async (page) => {
  await answerTrust(page, "Yes, I trust the authors");
  reached("the workspace is trusted");

  await openFile(page, "customers.py");
  await until(page, "a server that runs", async () => (await state(page)) === "Paceline");
  await page.locator(".squiggly-hint").first().waitFor({ state: "attached" });
  reached("hints are shown");

  await goTo(page, "customers.py", "buyers.count(buyer) > 1");
  await page.keyboard.press("Control+.");
  const start = page.getByRole("option", { name: "Make `repeat_buyers` faster (Paceline)", exact: true });
  await start.waitFor();
  await picture(page, "lightbulb");
  reached("the light bulb offers it");
  // By keys: while the menu opens, an invisible layer over the window swallows clicks.
  await until(page, "the focus on it", async () => {
    if (/focused/.test((await start.getAttribute("class")) ?? "")) return true;
    await page.keyboard.press("ArrowDown");
    return false;
  });
  await page.keyboard.press("Enter");

  const progress = notification(page, "Making repeat_buyers faster");
  await progress.waitFor();
  await until(page, "stages and counts", async () => /\d+ judged/.test(await progress.innerText()));
  await picture(page, "progress");
  reached("stages and counts are told");

  const list = page.locator(".quick-input-widget", { hasText: "Faster versions of repeat_buyers" });
  await list.waitFor();
  await list.locator(".monaco-list-row", { hasText: "faster" }).first().waitFor();
  await page.locator(".monaco-diff-editor .line-insert").first().waitFor();
  await picture(page, "picker");
  reached("what is proven can be chosen, with the difference");

  await page.keyboard.press("Enter");
  await page.locator(".monaco-diff-editor").waitFor({ state: "detached" });
  await until(page, "the edit", async () => (await shown(page)).includes("Counter(buyers)"));
  await page.locator(".tab.active.dirty", { hasText: "customers.py" }).waitFor();
  await page.keyboard.press("Control+S");
  await page.locator(".tab.active:not(.dirty)", { hasText: "customers.py" }).waitFor();
  reached("the best suggestion is applied and saved");

  await goTo(page, "customers.py", "customer not in unsubscribed");
  const sibling = page.locator(".squiggly-hint").last();
  await sibling.waitFor({ state: "attached" });
  await command(page, "Show or Focus Hover");
  await page.locator(".monaco-hover", { hasText: "Could be faster" }).first().waitFor();
  await picture(page, "hint");
  await page.keyboard.press("Escape");
  reached("the sibling function has a hint");

  await command(page, "Paceline: Show Lessons");
  const lessons = page.getByRole("tree", { name: "Lessons" });
  const lesson = lessons.locator(".monaco-list-row[aria-level='2']").first();
  await lesson.waitFor();
  await lesson.click();
  await lessons.locator(".monaco-list-row[aria-level='3']", { hasText: "compared" }).first().waitFor();
  reached("the lessons are listed with their evidence");

  await command(page, "Paceline: Show Evidence");
  const evidence = webview(page);
  await evidence.getByRole("heading", { name: /faster$/ }).waitFor();
  await evidence.getByRole("img", { name: /^\d+ launches at/ }).waitFor();
  await evidence.getByRole("heading", { name: "Checks" }).waitFor();
  await picture(page, "evidence");
  reached("the evidence is shown");

  await evidence.getByRole("heading", { name: "The change" }).scrollIntoViewIfNeeded();
  await evidence.getByRole("region", { name: "Difference" }).waitFor();
  await picture(page, "change");
});
